// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "indicators/indicator_row.hpp"

// One line of a set file (iocs/README.md). Stateless; set_file.hpp has the file.
namespace tocsin {

// Why a line was not taken. column is in bytes, from 1; 0: the whole line.
struct LineFault {
  std::uint32_t column = 0;
  std::string reason;
};

// "2023-03-30" (midnight UTC) or "2023-03-30T12:00:00Z"; years 1970 to 2105.
std::optional<WallNs> parse_time(std::string_view text);

struct Field {
  std::string text;
  std::uint32_t column = 0;
};
// Splits at commas. A field may be quoted as a whole or after "key=", with "" for a quote; blanks
// round a field are dropped. Reuses fields' storage.
std::expected<std::size_t, LineFault> split_fields(std::string_view line,
                                                   std::vector<Field>& fields);

enum class RowState : std::uint8_t { kAccepted, kReview };

struct RowRemark {
  bool host_bits_cleared = false;
};

// Where a row goes; kept from line to line, so that a million rows cost few allocations.
struct RowBuffer {
  std::vector<Field> fields;  // scratch
  IndicatorRow row;
  RowRemark remark;
};

// A row into out.row, with everything unsaid taken from meta.
std::expected<RowState, LineFault> parse_row(std::string_view line, const SetMeta& meta,
                                             RowBuffer& out);

// A comment line "# key: value" into meta. False: an ordinary comment.
std::expected<bool, LineFault> parse_header(std::string_view line, SetMeta& meta);

// Letters, digits, ".", "_" and "-", at most 64.
bool is_set_name(std::string_view name);

}  // namespace tocsin
