// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "extract/judge.hpp"
#include "extract/place_finder.hpp"

namespace tocsin {

struct Cell {
  std::string_view text;
  std::size_t position = 0;  // of its first byte, for the place finder
};

// What is known of a table from outside of it.
struct TableContext {
  Section section = Section::kOther;
  std::string_view section_word;
  std::string_view heading;
  bool defanging_document = false;
};

// Rows of one table, from whatever markup: columns by their names, else by the content of the first
// row; a type column decides over the look of a value.
class TableReader {
 public:
  TableReader(Judge& judge, PlaceFinder& places) : judge_(judge), places_(places) {}

  void begin(const TableContext& context);
  // The names are in a comment or known from the format.
  void set_header(std::span<const Cell> names);
  void take_row(std::span<const Cell> cells);
  [[nodiscard]] bool has_header() const { return header_; }
  // Rows that held no value by their kind.
  [[nodiscard]] std::uint64_t skipped() const { return skipped_; }

 private:
  struct Column {
    FieldKind kind = FieldKind::kUnknown;
    std::optional<IndicatorType> digest;
    Section section = Section::kOther;
    std::string name;
  };
  struct Row {
    FieldKind type = FieldKind::kUnknown;
    std::optional<IndicatorType> digest;
    std::string note, benign;  // and the word in it that takes the row back
    PublisherFacts facts;
    std::vector<Reason> holds;
    std::string detail;
    std::uint16_t port = 0;
  };

  [[nodiscard]] bool looks_like_header(std::span<const Cell> cells);
  void infer_columns(std::span<const Cell> cells);
  [[nodiscard]] Row read_row(std::span<const Cell> cells);
  void read_flag(const Column& column, std::string_view text, Row& row) const;
  [[nodiscard]] bool holds_digest(std::string_view text);
  bool take_cell(std::size_t index, const Cell& cell, const Row& row);
  void refuse_cell(std::size_t index, const Cell& cell, const Row& row, Reason reason);
  [[nodiscard]] bool is_value_column(const Column& column) const;
  [[nodiscard]] Place place_of(std::size_t index, std::size_t position);

  Judge& judge_;
  PlaceFinder& places_;
  TableContext context_;
  std::string section_word_, heading_;
  std::vector<Column> columns_;
  bool begun_ = false, header_ = false, ranking_ = false;
  std::uint64_t skipped_ = 0, rows_ = 0, ranked_ = 0;
  RefangedText refanged_;
  std::vector<Spot> spots_;
};

// The digest that a name or type word asks for ("sha256_hash").
std::optional<IndicatorType> named_digest(std::string_view name);

}  // namespace tocsin
