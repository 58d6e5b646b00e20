// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "report/intervals.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "cli/json_view.hpp"

namespace tocsin::report {
namespace {

using cli::find_at;
using cli::number_at;
using nlohmann::json;

constexpr double kTimeMost = 1e11;  // Unix seconds that can be drawn
constexpr double kBytesMost = 1e15;
constexpr double kBurstS = 0.2;  // of a program with a short or unknown period
constexpr double kBurstOfPeriod = 0.05;
constexpr double kBurstMostS = 60;

double median_of_sorted(const std::vector<double>& sorted) {
  const auto n = sorted.size();
  if (n == 0) return 0;
  return n % 2 == 1 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
}

std::optional<ContactPoint> point_of(const json& contact) {
  if (!contact.is_array() || contact.size() < 3 || !contact[0].is_number()) return std::nullopt;
  ContactPoint out;
  out.time_s = contact[0].get<double>();
  if (!(out.time_s >= 0 && out.time_s < kTimeMost)) return std::nullopt;
  if (contact[1].is_number()) {
    const auto bytes = contact[1].get<double>();
    if (bytes >= 0 && bytes < kBytesMost) out.bytes_out = bytes;
  }
  if (const auto* result = contact[2].get_ptr<const std::string*>())
    out.failed = *result != "ok" && *result != "NOERROR";
  return out;
}

std::vector<double> in_order(const ContactSeries& series, double merge_s) {
  std::vector<double> out;
  for (std::size_t i = 1; i < series.points.size(); ++i) {
    const auto distance = series.points[i].time_s - series.points[i - 1].time_s;
    if (distance >= merge_s) out.push_back(distance);
  }
  return out;
}

}  // namespace

ContactSeries series_of(const Material& material) {
  ContactSeries out;
  if (const auto* all = find_at(material.around, "/contacts"); all != nullptr && all->is_array())
    for (const auto& contact : *all)
      if (const auto point = point_of(contact)) out.points.push_back(*point);
  std::ranges::stable_sort(out.points, {}, &ContactPoint::time_s);
  const auto* gaps = find_at(material.around, "/coverage/gaps/longest");
  if (gaps != nullptr && gaps->is_array())
    for (const auto& gap : *gaps) {
      const auto from = number_at(gap, "/from"), to = number_at(gap, "/to");
      if (from && to && *from < *to) out.gaps.emplace_back(*from, *to);
    }
  return out;
}

Intervals intervals_of(const ContactSeries& series, double merge_s) {
  Intervals out;
  out.sorted_s = in_order(series, merge_s);
  std::ranges::sort(out.sorted_s);
  out.median_s = median_of_sorted(out.sorted_s);
  std::vector<double> away;
  for (const auto interval : out.sorted_s) away.push_back(std::abs(interval - out.median_s));
  std::ranges::sort(away);
  out.mad_s = median_of_sorted(away);
  return out;
}

std::vector<double> last_intervals(const ContactSeries& series, double merge_s, std::size_t count) {
  auto out = in_order(series, merge_s);
  if (out.size() > count) out.erase(out.begin(), out.end() - static_cast<std::ptrdiff_t>(count));
  return out;
}

double merge_gap_of(const json& beacon) {
  const auto period = number_at(beacon, "/period_s").value_or(0);
  return std::clamp(period * kBurstOfPeriod, kBurstS, kBurstMostS);
}

std::string sparkline(const std::vector<double>& values) {
  static constexpr std::array<std::string_view, 8> kBars = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  std::string out;
  if (values.empty()) return out;
  // From nothing, not from the least: equal intervals must look equal.
  const double top = std::max(std::ranges::max(values), 1e-9);
  for (const auto value : values)
    out += kBars[static_cast<std::size_t>(std::clamp(std::lround(value / top * 7), 0L, 7L))];
  return out;
}

}  // namespace tocsin::report
