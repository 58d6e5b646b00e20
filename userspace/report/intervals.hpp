// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "report/words.hpp"

namespace tocsin::report {

struct ContactPoint {
  double time_s = 0;  // Unix
  std::optional<double> bytes_out;
  bool failed = false;
};

// The single contacts as the history has them, and when nobody watched.
struct ContactSeries {
  std::vector<ContactPoint> points;             // oldest first
  std::vector<std::pair<double, double>> gaps;  // Unix seconds
  [[nodiscard]] double from() const { return points.front().time_s; }
  [[nodiscard]] double to() const { return points.back().time_s; }
};
// Hostile or odd members are left out; without contacts the series is empty.
ContactSeries series_of(const Material& material);

// Distances of contacts, those of one burst (closer than merge_s) counted once.
struct Intervals {
  std::vector<double> sorted_s;
  double median_s = 0;
  double mad_s = 0;  // median absolute deviation from the median
};
Intervals intervals_of(const ContactSeries& series, double merge_s);
// The latest intervals in their order, at most count: for a sparkline.
std::vector<double> last_intervals(const ContactSeries& series, double merge_s, std::size_t count);
// What counts as one burst, from the period that was found.
double merge_gap_of(const nlohmann::json& beacon);

// "▁▂▅█…", one character a value, scaled between nothing and the greatest.
std::string sparkline(const std::vector<double>& values);

}  // namespace tocsin::report
