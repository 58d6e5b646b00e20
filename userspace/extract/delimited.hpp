// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "extract/detect.hpp"
#include "extract/table_reader.hpp"

namespace tocsin {

// Records of CSV, TSV or text with semicolons. A field in quotes may hold delimiters, line ends and
// doubled quotes; blanks before a quote are skipped. Holds one record.
class DelimitedReader {
 public:
  DelimitedReader(std::string_view text, char delimiter) : text_(text), delimiter_(delimiter) {}

  enum class Outcome : std::uint8_t { kRow, kComment, kBroken, kEnd };
  // kBroken: the row was refused for fault(); the next call goes on behind it.
  Outcome next();
  [[nodiscard]] const std::vector<Cell>& cells() const { return cells_; }
  // The line of a comment; the start of a broken row.
  [[nodiscard]] std::string_view line() const { return line_; }
  [[nodiscard]] std::size_t position() const { return begin_; }
  [[nodiscard]] const std::string& fault() const { return fault_; }

 private:
  bool read_field(std::size_t index);
  Outcome broken(std::string reason);

  std::string_view text_;
  char delimiter_;
  std::size_t at_ = 0, begin_ = 0;
  std::string_view line_;
  std::vector<Cell> cells_;
  std::vector<std::string> unquoted_;  // of cells with doubled quotes
  std::string fault_;
};

// Whether the text is a table, and how it is divided.
std::optional<Detected> detect_delimited(std::string_view text);

}  // namespace tocsin
