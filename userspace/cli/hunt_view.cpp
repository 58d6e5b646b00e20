// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "cli/hunt_view.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include "base/counted.hpp"
#include "base/text.hpp"
#include "cli/json_view.hpp"

namespace tocsin::cli {
namespace {

using nlohmann::json;

constexpr std::size_t kSightingsShown = 5;
constexpr std::size_t kValuesShown = 5;
constexpr std::size_t kStagesShown = 6;
constexpr std::size_t kHitsShown = 20;  // of a dry run
constexpr double kSecondsADay = 86'400;
constexpr std::size_t kIdBytesShown = 12;  // of a container, as its tools print it

const json& list_at(const json& object, const char* path) {
  static const json kNone = json::array();
  const auto* list = find_at(object, path);
  return list != nullptr && list->is_array() ? *list : kNone;
}

const json& object_at(const json& object, const char* path) {
  static const json kNone = json::object();
  const auto* found = find_at(object, path);
  return found != nullptr && found->is_object() ? *found : kNone;
}

std::string time_at(const json& object, const char* path) {
  const auto time = number_at(object, path);
  return time ? date_time(*time) : std::string("an unknown time");
}

std::string field(std::string_view label, std::string_view text) {
  return fmt::format("  {:<12}{}", label, text);
}

// "/usr/bin/curl (pid 77, alice, login alice)".
std::string doer(const json& moment) {
  auto program = text_at(moment, "/who/script", 200);
  if (program.empty()) program = text_at(moment, "/who/path", 200);
  std::string who;
  const auto add = [&](std::string_view before, const std::string& text) {
    if (!text.empty()) who += fmt::format("{}{}{}", who.empty() ? "" : ", ", before, text);
  };
  add("pid ", text_at(moment, "/pid"));
  auto user = text_at(moment, "/who/user", 64);
  if (user.empty() && find_at(moment, "/who/uid") != nullptr)
    user = "uid " + text_at(moment, "/who/uid");
  add("", user);
  add("login ", text_at(moment, "/who/login_user", 64));
  if (program.empty() && who.empty()) return "by whom is not known";
  return fmt::format("by {}{}", program.empty() ? "an unknown program" : program,
                     who.empty() ? "" : fmt::format(" ({})", who));
}

std::string lineage_of(const json& moment) {
  std::string out;
  for (const auto& ancestor : list_at(moment, "/who/lineage")) {
    auto path = text_at(ancestor, "/script", 100);
    if (path.empty()) path = text_at(ancestor, "/path", 100);
    path.erase(0, path.rfind('/') + 1);
    if (!path.empty()) out = out.empty() ? path : path + " › " + out;
  }
  return out;
}

void add_sighting(std::vector<std::string>& out, const json& sighting) {
  const auto kind = text_at(sighting, "/kind");
  auto what = text_at(sighting, "/path", 200);
  if (kind == "name" || kind == "destination") what = text_at(sighting, "/value", 255);
  if (kind == "module") what = "as a library";
  std::string line = fmt::format("{}, {} times, {} to {}", what, text_at(sighting, "/count"),
                                 time_at(sighting, "/first/time"), time_at(sighting, "/last/time"));
  if (const auto program = text_at(sighting, "/program", 64); !program.empty())
    line += fmt::format(", by content {}", program);
  if (const auto container = text_at(sighting, "/container", kIdBytesShown); !container.empty())
    line += fmt::format(", in container {}", container);
  if (const auto flags = joined_at(sighting, "/flags", ", "); !flags.empty()) line += "; " + flags;
  out.push_back(field(kind, line));
  out.push_back(field("", doer(object_at(sighting, "/last"))));
  if (const auto lineage = lineage_of(object_at(sighting, "/last")); !lineage.empty())
    out.push_back(field("", "from " + lineage));
  if (flag_at(sighting, "/running"))
    out.push_back(
        field("", fmt::format("STILL RUNNING as pid {}", text_at(sighting, "/last/pid"))));
}

std::string how_often(const json& hit) {
  const auto distinct = count_at(hit, "/distinct");
  auto line = fmt::format("{}{} on {}{}", flag_at(hit, "/at_least") ? "at least " : "",
                          counted(count_at(hit, "/count"), "time"), distinct > 1 ? "at least " : "",
                          counted(count_at(hit, "/days"), "day"));
  if (distinct > 1) line += fmt::format(", by {} programs, names or containers", distinct);
  return line;
}

const json* earliest(const json& sightings) {
  const json* out = nullptr;
  double first = 0;
  for (const auto& sighting : sightings) {
    const auto time = number_at(sighting, "/first/time").value_or(0);
    if (out == nullptr || time < first) {
      out = &sighting;
      first = time;
    }
  }
  return out;
}

// "311 events lost (ring/connect 300, hash/queue 11)".
std::string counts_text(const json* counts, std::string_view what) {
  if (counts == nullptr || !counts->is_object() || counts->empty()) return {};
  std::uint64_t total = 0;
  std::string parts;
  std::size_t shown = 0;
  for (const auto& [name, count] : counts->items()) {
    total += count.is_number_unsigned() ? count.get<std::uint64_t>() : 0;
    if (++shown > kStagesShown) continue;
    parts += fmt::format("{}{} {}", shown == 1 ? "" : ", ", text_at(json{{"n", name}}, "/n", 60),
                         count.dump());
  }
  if (shown > kStagesShown) parts += ", …";
  return fmt::format("{} {} ({})", total, what, parts);
}

std::string gaps_text(const json& coverage) {
  const auto gaps = count_at(coverage, "/gaps/count");
  if (gaps == 0) return {};
  auto out = fmt::format("{} in which nobody watched ({} in all", counted(gaps, "gap"),
                         duration_text(number_at(coverage, "/gaps/seconds").value_or(0)));
  const auto& longest = list_at(coverage, "/gaps/longest");
  const auto length = [](const json& gap) {
    return number_at(gap, "/to").value_or(0) - number_at(gap, "/from").value_or(0);
  };
  const auto it = std::ranges::max_element(longest, {}, length);
  if (it != longest.end()) {
    out += fmt::format("; the longest {}from {} to {}",
                       flag_at(*it, "/begin_unknown") ? "at most " : "", time_at(*it, "/from"),
                       time_at(*it, "/to"));
  }
  return out + ")";
}

}  // namespace

std::string hit_line(const json& hit, const Output& out) {
  return fmt::format("{}  {} ({}): first {}, last {}, {}", out.paint(Tone::kBad, "SEEN"),
                     text_at(hit, "/value", 255), text_at(hit, "/type"), time_at(hit, "/first"),
                     time_at(hit, "/last"), how_often(hit));
}

std::vector<std::string> hit_lines(const json& hit, const Output& out) {
  std::vector<std::string> lines = {fmt::format("{}  {} ({})", out.paint(Tone::kBad, "SEEN"),
                                                text_at(hit, "/value", 255),
                                                text_at(hit, "/type"))};
  const auto& sightings = list_at(hit, "/sightings");
  const auto* first = earliest(sightings);
  lines.push_back(field(
      "first", fmt::format("{}, {}", time_at(hit, "/first"),
                           doer(first != nullptr ? object_at(*first, "/first") : json::object()))));
  lines.push_back(field(
      "last",
      fmt::format("{}, {}", time_at(hit, "/last"),
                  doer(sightings.empty() ? json::object() : object_at(sightings[0], "/last")))));
  lines.push_back(field("how often", how_often(hit)));
  if (const auto weak = text_at(hit, "/weak_because", 300); !weak.empty())
    lines.push_back(field("weak", weak));
  for (std::size_t i = 0; i < sightings.size() && i < kSightingsShown; ++i)
    add_sighting(lines, sightings[i]);
  const auto distinct = count_at(hit, "/distinct");
  const auto shown = std::min<std::uint64_t>(sightings.size(), kSightingsShown);
  if (distinct > shown)
    lines.push_back(field("", fmt::format("and {} more; --json has up to {} of them",
                                          distinct - shown, sightings.size() - shown)));
  for (const auto& event : list_at(hit, "/occurrences"))
    lines.push_back(field("event", fmt::format("{} {} {}", time_at(event, "/time"),
                                               text_at(event, "/kind"), doer(event))));
  return lines;
}

namespace {

// What a missing hook means, before its name.
std::string unseen_without(const std::string& event) {
  static constexpr std::pair<std::string_view, std::string_view> kUnseen[] = {
      {"exec", "executions"},
      {"connect", "contacts"},
      {"packet", "names in packets"},
      {"module", "libraries that programs map"}};
  const auto hook = fmt::format("no {} hook", printable(event, 60));
  for (const auto& [name, what] : kUnseen)
    if (name == event) return fmt::format("{} were not seen ({})", what, hook);
  return hook;
}

}  // namespace

std::string coverage_line(const json& coverage) {
  std::vector<std::string> missing;
  const auto add = [&](std::string text) {
    if (!text.empty()) missing.push_back(std::move(text));
  };
  add(gaps_text(coverage));
  add(counts_text(find_at(coverage, "/lost"), "events lost"));
  if (const auto count = count_at(coverage, "/not_hashed"); count > 0)
    add(fmt::format("{} executions not hashed", count));
  for (const auto& blind : list_at(coverage, "/blind/periods"))
    add(fmt::format("known not to be seen from {} to {}: {}", time_at(blind, "/from"),
                    time_at(blind, "/to"), text_at(blind, "/what", 200)));
  if (const auto* hooks = find_at(coverage, "/hooks_missing"); hooks != nullptr)
    for (const auto& [event, facts] : hooks->items())
      add(fmt::format("{} in {} of {} runs", unseen_without(event), text_at(facts, "/runs"),
                      text_at(coverage, "/runs")));
  if (flag_at(coverage, "/behind"))
    add("what happened in the last seconds, which is not written yet");
  auto out = fmt::format("between {} and {}", time_at(coverage, "/from"), time_at(coverage, "/to"));
  if (const auto dropped = count_at(coverage, "/dropped"); dropped > 0)
    out += fmt::format(" ({} from before went for room)", counted(dropped, "sighting"));
  if (missing.empty()) return out + "; nothing is known to be missing in that time";
  return out + fmt::format("; in that time: {}", fmt::join(missing, "; "));
}

std::vector<std::string> silence_lines(const json& answer) {
  std::vector<std::string> out;
  std::map<std::string, std::vector<std::string>> reasons;
  std::map<std::string, std::size_t> counts;
  for (const auto& miss : list_at(answer, "/misses")) {
    const auto value = text_at(miss, "/value", 255);
    if (const auto before = number_at(miss, "/last_before"))
      out.push_back(fmt::format("Not in this period, but before it: {}, last seen {}", value,
                                date_time(*before)));
    const auto verdict = text_at(miss, "/verdict");
    if (verdict == "not seen") continue;
    const auto reason = fmt::format("{}: {}", verdict, text_at(miss, "/why", 300));
    if (++counts[reason] <= kValuesShown) reasons[reason].push_back(value);
  }
  for (const auto& [reason, values] : reasons)
    out.push_back(fmt::format("{} of {} values {} ({}{})", counts[reason],
                              text_at(answer, "/asked"), reason, fmt::join(values, ", "),
                              counts[reason] > values.size() ? ", …" : ""));
  const auto silent = list_at(answer, "/misses").size();
  const auto line = coverage_line(object_at(answer, "/coverage"));
  out.push_back(silent > 0 ? fmt::format("No sighting of {} of {} values {}.", silent,
                                         text_at(answer, "/asked"), line)
                           : fmt::format("Looked at the time {}.", line));
  return out;
}

json estimate_json(const json& answer) {
  std::uint64_t least = 0, most = 0;
  for (const auto& hit : list_at(answer, "/hits")) {
    least += count_at(hit, "/alerts/least");
    most += count_at(hit, "/alerts/most");
  }
  // Less than a day watched says nothing about a day: it counts as one.
  const auto days =
      std::max(1.0, number_at(answer, "/coverage/watched_s").value_or(0) / kSecondsADay);
  return {
      {"days", days},
      {"alerts", {{"least", least}, {"most", most}}},
      {"per_day",
       {{"least", static_cast<double>(least) / days}, {"most", static_cast<double>(most) / days}}}};
}

std::vector<std::string> past_lines(const json& answer, const Output& out) {
  std::vector<std::string> lines;
  const auto& hits = list_at(answer, "/hits");
  lines.push_back(fmt::format("history: {} of {} values would have matched", hits.size(),
                              text_at(answer, "/asked")));
  for (std::size_t i = 0; i < hits.size() && i < kHitsShown; ++i)
    lines.push_back("  " + hit_line(hits[i], out));
  if (hits.size() > kHitsShown)
    lines.push_back(fmt::format("  and {} more; --json has them", hits.size() - kHitsShown));
  const auto estimate = object_at(answer, "/estimate");
  lines.push_back(fmt::format(
      "noise: about {:.1f} to {:.1f} alerts a day after folding, over {:.1f} days watched",
      number_at(estimate, "/per_day/least").value_or(0),
      number_at(estimate, "/per_day/most").value_or(0), number_at(estimate, "/days").value_or(0)));
  for (auto& line : silence_lines(answer)) lines.push_back(std::move(line));
  return lines;
}

}  // namespace tocsin::cli
