// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "top/tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <utility>

#include "base/percent.hpp"
#include "base/text.hpp"
#include "cli/json_view.hpp"
#include "report/intervals.hpp"

namespace tocsin::top {
namespace {

constexpr std::size_t kFillLeast = 16;   // the last column is not narrower while others can go
constexpr std::size_t kSparkCells = 20;  // the latest intervals of a beacon

Tone tone_of_verdict(std::string_view word) {
  if (word == "critical" || word == "alert" || word == "high") return Tone::kBad;
  return word == "notice" || word == "medium" ? Tone::kWarn : Tone::kPlain;
}

// Pointers to rows in the order that was chosen; what comes last in the model was seen last.
template <typename T, typename Before>
void sort_by(std::vector<const T*>& rows, Before before) {
  std::ranges::stable_sort(rows, [&](const T* a, const T* b) { return before(*a, *b); });
}

Table programs(const Model& model, const Choice& choice) {
  Table out{.columns = {{"LAST", 8, 3},
                        {"TIMES", 6, 4, Align::kRight},
                        {"USER", 8, 5},
                        {"OWNER", 18, 1},
                        {"SHA-256", 14, 2},
                        {"PROGRAM", 0, 0, Align::kLeft, true}},
            .rows = {}};
  auto rows = model.programs();
  using P = ProgramRow;
  if (choice.order == 0) sort_by(rows, [](const P& a, const P& b) { return a.number > b.number; });
  if (choice.order == 1) sort_by(rows, [](const P& a, const P& b) { return a.last > b.last; });
  if (choice.order == 2) sort_by(rows, [](const P& a, const P& b) { return a.count > b.count; });
  if (choice.order == 3) sort_by(rows, [](const P& a, const P& b) { return a.path < b.path; });
  for (const auto* row : rows)
    out.rows.push_back(
        {std::to_string(row->number),
         {{moment(row->last, choice.now_s), Tone::kDim},
          {std::to_string(row->count), Tone::kPlain},
          {row->user, Tone::kPlain},
          {row->owner, row->owner_tone},
          {row->hash, row->hash_tone},
          {row->container.empty() ? row->path : fmt::format("{} in {}", row->path, row->container),
           Tone::kPlain}}});
  return out;
}

Table destinations(const Model& model, const Choice& choice) {
  Table out{.columns = {{"LAST", 8, 3},
                        {"TIMES", 6, 4, Align::kRight},
                        {"PROGRAM", 15, 1},
                        {"KNOWN BY", 13, 2},
                        {"RESULT", 10, 5},
                        {"DESTINATION", 0, 0}},
            .rows = {}};
  auto rows = model.destinations();
  using D = DestinationRow;
  if (choice.order == 0) sort_by(rows, [](const D& a, const D& b) { return a.number > b.number; });
  if (choice.order == 1) sort_by(rows, [](const D& a, const D& b) { return a.last > b.last; });
  if (choice.order == 2) sort_by(rows, [](const D& a, const D& b) { return a.count > b.count; });
  if (choice.order == 3) sort_by(rows, [](const D& a, const D& b) { return a.name < b.name; });
  for (const auto* row : rows) {
    const bool named = !row->address.empty() && row->name.find(row->address) == std::string::npos;
    out.rows.push_back(
        {std::to_string(row->number),
         {{moment(row->last, choice.now_s), Tone::kDim},
          {std::to_string(row->count), Tone::kPlain},
          {row->program, Tone::kPlain},
          {row->source, row->source == "address only" ? Tone::kDim : Tone::kPlain},
          {row->result, row->result == "ok" ? Tone::kPlain : Tone::kDim},
          {named ? fmt::format("{} ({})", row->name, row->address) : row->name, Tone::kPlain}}});
  }
  return out;
}

Cell spark(const Model& model, const BeaconRow& row) {
  const auto* known = model.intervals(row.key);
  if (known == nullptr) return {"", Tone::kPlain};
  if (known->seconds.empty()) return {known->none_because, Tone::kDim};
  auto latest = known->seconds;
  if (latest.size() > kSparkCells)
    latest.erase(latest.begin(), latest.end() - static_cast<std::ptrdiff_t>(kSparkCells));
  return {report::sparkline(latest), Tone::kGood};
}

Table beacons(const Model& model, const Choice& choice) {
  Table out{.columns = {{"SCORE", 5, 4, Align::kRight},
                        {"LIKELY", 6, 3, Align::kRight},
                        {"VERDICT", 8, 2},
                        {"EVERY", 14, 1},
                        {"INTERVALS", kSparkCells, 5},
                        {"WHO CALLS WHOM", 0, 0}},
            .rows = {}};
  std::vector<const BeaconRow*> rows;
  for (const auto& row : model.beacons()) rows.push_back(&row);
  using B = BeaconRow;
  if (choice.order == 0)
    sort_by(rows, [](const B& a, const B& b) { return a.probability > b.probability; });
  if (choice.order == 1) sort_by(rows, [](const B& a, const B& b) { return a.score > b.score; });
  if (choice.order == 2)
    sort_by(rows, [](const B& a, const B& b) { return a.contacts > b.contacts; });
  for (const auto* row : rows)
    out.rows.push_back({row->key,
                        {{fmt::format("{:.2f}", row->score), Tone::kPlain},
                         {whole_percent(row->probability), Tone::kPlain},
                         {row->verdict, tone_of_verdict(row->verdict)},
                         {row->period, Tone::kPlain},
                         spark(model, *row),
                         {fmt::format("{} → {}", row->program, row->where), Tone::kPlain}}});
  return out;
}

Table alerts(const Model& model, const Choice& choice) {
  Table out{.columns = {{"WHEN", 11, 2}, {"SEVERITY", 8, 1}, {"ALERT", 0, 0}}, .rows = {}};
  std::vector<const AlertRow*> rows;
  for (const auto& row : model.alerts()) rows.push_back(&row);
  sort_by(rows, [](const AlertRow& a, const AlertRow& b) { return a.time > b.time; });
  if (choice.order == 1)
    sort_by(rows, [](const AlertRow& a, const AlertRow& b) { return a.rank > b.rank; });
  for (const auto* row : rows)
    out.rows.push_back(
        {row->id,
         {{moment(row->time, choice.now_s), Tone::kDim},
          {row->severity, tone_of_verdict(row->severity)},
          {row->repeats == 0 ? row->message
                             : fmt::format("{} [and {} more times]", row->message, row->repeats),
           Tone::kPlain}}});
  return out;
}

}  // namespace

std::string_view name_of(Pane pane) {
  static constexpr std::array<std::string_view, kPaneCount> kNames = {"Programs", "Destinations",
                                                                      "Beacons", "Alerts"};
  return kNames[index_of(pane)];
}

std::span<const std::string_view> orders_of(Pane pane) {
  static constexpr std::array<std::string_view, 4> kSeen = {"newest", "latest", "most often",
                                                            "by name"};
  static constexpr std::array<std::string_view, 3> kBeacons = {"likeliest", "most regular",
                                                               "most contacts"};
  static constexpr std::array<std::string_view, 2> kAlerts = {"latest", "loudest"};
  if (pane == Pane::kBeacons) return kBeacons;
  if (pane == Pane::kAlerts) return kAlerts;
  return kSeen;
}

Table table_of(const Model& model, Pane pane, const Choice& choice) {
  static constexpr std::array kTables = {programs, destinations, beacons, alerts};
  auto out = kTables[index_of(pane)](model, choice);
  if (choice.filter.empty()) return out;
  const auto wanted = ascii_lower(choice.filter);
  std::erase_if(out.rows, [&](const Row& row) {
    return std::ranges::none_of(row.cells, [&](const Cell& cell) {
      return ascii_lower(cell.text).find(wanted) != std::string::npos;
    });
  });
  return out;
}

std::vector<Placed> placed(const std::vector<Column>& columns, std::size_t width) {
  for (int rank_most = 9;; --rank_most) {
    std::vector<Placed> out;
    std::size_t used = 0;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (columns[i].rank > rank_most) continue;
      out.push_back({i, columns[i].cells});
      used += columns[i].cells + (columns[i].cells > 0 ? 1 : 0);  // a blank behind each
    }
    if (rank_most > 0 && used + kFillLeast > width) continue;
    for (auto& place : out)
      if (place.cells == 0) place.cells = width > used ? width - used : 0;
    return out;
  }
}

std::string moment(double unix_seconds, double now_s) {
  if (unix_seconds <= 0) return {};
  const auto then = cli::date_time(unix_seconds), now = cli::date_time(now_s);
  if (then.size() != now.size() || then.size() < 19) return then;
  return then.substr(0, 10) == now.substr(0, 10) ? then.substr(11) : then.substr(5, 11);
}

}  // namespace tocsin::top
