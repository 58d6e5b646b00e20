// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "top/model.hpp"
#include "top/screen.hpp"

// The model as four tables of text.
namespace tocsin::top {

enum class Pane : std::uint8_t { kPrograms, kDestinations, kBeacons, kAlerts };
inline constexpr std::array kPanes = {Pane::kPrograms, Pane::kDestinations, Pane::kBeacons,
                                      Pane::kAlerts};
inline constexpr std::size_t kPaneCount = kPanes.size();
constexpr std::size_t index_of(Pane pane) {
  return static_cast<std::size_t>(pane);
}

std::string_view name_of(Pane pane);  // "Programs"
// What its rows can be sorted by; the first is the order it begins with.
std::span<const std::string_view> orders_of(Pane pane);

struct Column {
  std::string_view title;
  std::size_t cells = 0;  // 0: what is left of the line
  int rank = 0;           // where the line is too short, the highest goes first; 0 stays
  Align align = Align::kLeft;
  bool path = false;  // cut at its beginning
};

struct Cell {
  std::string text;
  Tone tone = Tone::kPlain;
};

struct Row {
  std::string key;  // tells it from the others of its pane, also later
  std::vector<Cell> cells;
};

struct Table {
  std::vector<Column> columns;
  std::vector<Row> rows;
};

struct Choice {
  std::size_t order = 0;  // of orders_of()
  std::string filter;     // only rows with it in any cell; letters of either case; empty: all
  double now_s = 0;       // Unix seconds
};
Table table_of(const Model& model, Pane pane, const Choice& choice);

// The columns that fit, with their width; of the columns with rank 0 at least one fills the line.
struct Placed {
  std::size_t column;  // of table.columns
  std::size_t cells;
};
std::vector<Placed> placed(const std::vector<Column>& columns, std::size_t width);

// "12:30:05", or "11-29 12:30" when it was on another day (local time).
std::string moment(double unix_seconds, double now_s);

}  // namespace tocsin::top
