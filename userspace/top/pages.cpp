// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "top/pages.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "base/percent.hpp"
#include "base/text.hpp"
#include "cli/alert_view.hpp"
#include "cli/json_view.hpp"
#include "report/intervals.hpp"
#include "report/words.hpp"

namespace tocsin::top {
namespace {

using nlohmann::json;

constexpr std::size_t kMembersMax = 200;  // of one event
constexpr std::size_t kLabelCells = 18;

std::string fact(std::string_view label, std::string_view value) {
  return fmt::format("  {}{}", fitted(label, kLabelCells), value);
}

// Every member of an event, those of objects with the path to them.
void add_members(const json& object, const std::string& before, std::vector<std::string>& lines) {
  for (const auto& [name, value] : object.items()) {
    if (lines.size() >= kMembersMax) return;
    const auto label = before + printable(name, 64);
    if (value.is_object()) {
      add_members(value, label + ".", lines);
    } else if (value.is_array()) {
      if (!value.empty()) lines.push_back(fact(label, cli::joined_at(value, "", " ", 1000)));
    } else if ((label == "ts" || label == "start" || label == "pstart") && value.is_number()) {
      lines.push_back(fact(label, cli::date_time(value.get<double>())));
    } else {
      lines.push_back(fact(label, cli::text_at(value, "")));
    }
  }
}

void add_event(const std::string& line, std::vector<std::string>& lines) {
  const auto event = json::parse(line, nullptr, false);
  if (!event.is_object()) {
    lines.emplace_back("  The latest event is too long to be kept here: tocsin events --follow");
    return;
  }
  lines.emplace_back("The latest event");
  add_members(event, "", lines);
}

void add_times(double first, double last, std::uint64_t count, std::vector<std::string>& lines) {
  lines.push_back(fact("first in this view", cli::date_time(first)));
  lines.push_back(fact("latest", cli::date_time(last)));
  lines.push_back(fact("times", std::to_string(count)));
  lines.emplace_back();
}

Page program_page(const Model& model, const std::string& key) {
  Page page;
  for (const auto* row : model.programs()) {
    if (std::to_string(row->number) != key) continue;
    page.title = row->path;
    page.lines.push_back(fact("owner", row->owner));
    if (!row->container.empty()) page.lines.push_back(fact("container", row->container));
    add_times(row->first, row->last, row->count, page.lines);
    add_event(row->line, page.lines);
  }
  return page;
}

Page destination_page(const Model& model, const std::string& key) {
  Page page;
  for (const auto* row : model.destinations()) {
    if (std::to_string(row->number) != key) continue;
    page.title = row->name;
    page.lines.push_back(fact("known by", row->source));
    add_times(row->first, row->last, row->count, page.lines);
    add_event(row->line, page.lines);
  }
  return page;
}

void add_intervals(const IntervalsOfBeacon* known, std::vector<std::string>& lines) {
  if (known == nullptr || known->seconds.empty()) return;
  lines.emplace_back();
  lines.emplace_back("The latest distances between contacts");
  lines.push_back("  " + report::sparkline(known->seconds));
  const auto [least, most] = std::ranges::minmax(known->seconds);
  lines.push_back(fmt::format("  {} of them, from {} to {}", known->seconds.size(),
                              report::span_words(least), report::span_words(most)));
}

Page beacon_page(const Model& model, const std::string& key) {
  Page page;
  const auto row = std::ranges::find(model.beacons(), key, &BeaconRow::key);
  if (row == model.beacons().end()) return page;
  page.title = fmt::format("{} → {}", row->program, row->where);
  page.lines.push_back(fact("every", row->period));
  page.lines.push_back(
      fact("verdict", fmt::format("{}, {} likely", row->verdict, whole_percent(row->probability))));
  page.lines.push_back(fact("contacts", std::to_string(row->contacts)));
  page.lines.push_back(
      fact("first", cli::date_time(cli::number_at(row->beacon, "/first").value_or(0))));
  page.lines.push_back(
      fact("last", cli::date_time(cli::number_at(row->beacon, "/last").value_or(0))));
  add_intervals(model.intervals(key), page.lines);
  page.lines.emplace_back();
  page.lines.emplace_back("Evidence (log odds, from -6)");
  for (const auto& line : report::evidence_lines(row->beacon))
    page.lines.push_back(
        fmt::format("  {:+5.1f}  {}: {}", line.contribution, line.group, line.sentence));
  return page;
}

}  // namespace

Page page_of(const Model& model, const Wish& wish) {
  if (wish.pane == Pane::kPrograms) return program_page(model, wish.key);
  if (wish.pane == Pane::kDestinations) return destination_page(model, wish.key);
  return wish.pane == Pane::kBeacons ? beacon_page(model, wish.key) : Page{};
}

std::vector<std::string> alert_lines(const json& alert, const json& around, double now_s) {
  return cli::explanation({alert, around, now_s}, cli::Output::plain());
}

}  // namespace tocsin::top
