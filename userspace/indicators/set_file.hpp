// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "indicators/guard.hpp"
#include "indicators/indicator_row.hpp"
#include "indicators/set_line.hpp"

// Reader of the native set format; iocs/README.md describes it.
namespace tocsin {

struct Refusal {
  std::uint32_t line = 0;
  std::uint32_t column = 0;  // bytes, from 1; 0: the whole line
  std::string reason;
  std::string text;  // the start of the line, safe to print
};

// "file:line:column: reason: text".
std::string to_string(const Refusal& refusal, std::string_view file);

struct SetFileSummary {
  SetMeta meta;
  std::array<std::uint64_t, kIndicatorTypes> accepted{};  // rows handed on, by type
  std::uint64_t expired = 0;  // of these: their time is over, they do not match
  std::uint64_t review = 0;   // held back for a person, not handed on
  std::uint64_t refused = 0;
  std::uint64_t host_bits_cleared = 0;
  std::uint64_t bytes = 0;
  std::uint32_t lines = 0;
  std::vector<Refusal> refusals;  // the first kIndicatorRefusalsShownMax of refused
  std::string error;              // the file as a whole is not readable; nothing more was read

  [[nodiscard]] std::uint64_t accepted_total() const;
};

// Takes rows as they are read. An error refuses that row with its message.
using RowSink = std::function<Result<void>(const SetMeta&, const IndicatorRow&)>;

// Bytes in, rows out. Holds at most one line, and of an over-long line nothing: memory does not
// depend on the input. Not thread-safe; one reader per file.
class SetFileReader {
 public:
  struct Options {
    std::string file_name;  // for Indicator::place; its stem is the set's name until one is given
    WallNs now_ns = 0;      // decides what is counted as expired
    const Guard* guard = nullptr;
    RowSink review_sink = {};  // takes the rows that are held back
  };
  SetFileReader(Options options, RowSink sink);

  void feed(std::string_view bytes);
  // Takes a last line without line end; the reader is spent.
  SetFileSummary finish();
  // Nothing more of this file will be read (summary.error).
  [[nodiscard]] bool hopeless() const { return !out_.error.empty(); }

 private:
  void take_line(std::string_view line);
  void take_content(std::string_view line);
  void take_row(std::string_view line);
  void refuse(std::string_view line, LineFault fault);

  Options options_;
  RowSink sink_;
  SetFileSummary out_;
  std::string partial_;    // line begun in an earlier feed
  bool overlong_ = false;  // dropping bytes up to the next line end
  bool rows_begun_ = false;
  RowBuffer buffer_;
};

// The whole file; its failure to open or read is the error.
Result<SetFileSummary> read_set_file(const std::filesystem::path& path,
                                     SetFileReader::Options options, RowSink sink);

}  // namespace tocsin
