// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "history/hunt_json.hpp"

#include <array>
#include <utility>

#include "history/history_limits.hpp"

namespace tocsin {
namespace {

using Json = nlohmann::json;

constexpr std::array<const char*, kVerdicts> kCounts = {"seen", "not_seen", "not_kept",
                                                        "cannot_know"};

double seconds(WallNs time_ns) {
  return static_cast<double>(time_ns) / 1e9;
}

Json facts_of(const std::string& who) {
  auto facts = Json::parse(who, nullptr, false);
  return facts.is_object() ? std::move(facts) : Json::object();
}

Json moment_json(WallNs time_ns, const ProcessId& process, const std::string& who) {
  Json out = {{"time", seconds(time_ns)}};
  if (process.known()) {
    out["pid"] = process.pid;
    out["start"] = process.start_ns;
  }
  if (auto facts = facts_of(who); !facts.empty()) out["who"] = std::move(facts);
  return out;
}

std::string who_of(HistoryReader& reader, const std::optional<std::int64_t>& id) {
  if (!id) return {};
  // A row of who that cannot be read costs the answer that member only.
  return reader.who(*id).value_or(std::string());
}

Json occurrence_json(const Occurrence& occurrence) {
  auto out = moment_json(occurrence.time_ns, occurrence.process, occurrence.who);
  out["kind"] = occurrence.event;
  if (occurrence.port) out["port"] = *occurrence.port;
  return out;
}

Json hit_json(const HuntResult& result) {
  Json out = {{"value", result.value.text},
              {"type", to_string(result.value.type)},
              {"verdict", to_string(result.verdict)},
              {"first", seconds(result.first_ns)},
              {"last", seconds(result.last_ns)},
              {"count", result.count},
              {"days", result.days},
              {"distinct", result.rows},
              {"alerts", {{"least", result.alerts.least}, {"most", result.alerts.most}}}};
  if (!result.why.empty()) out["weak_because"] = result.why;
  if (result.cut) out["at_least"] = true;
  return out;
}

Json miss_json(const HuntResult& result) {
  Json out = {{"value", result.value.text},
              {"type", to_string(result.value.type)},
              {"verdict", to_string(result.verdict)}};
  if (!result.why.empty()) out["why"] = result.why;
  if (result.last_before_ns) out["last_before"] = seconds(*result.last_before_ns);
  return out;
}

Json counted(const std::map<std::string, std::uint64_t>& counts) {
  Json out = Json::object();
  for (const auto& [name, count] : counts) out[name] = count;
  return out;
}

}  // namespace

Json to_json(const Coverage& coverage) {
  Json gaps = Json::array(), blind = Json::array(), hooks = Json::object();
  for (const auto& gap : coverage.gaps) {
    gaps.push_back({{"from", seconds(gap.from_ns)}, {"to", seconds(gap.to_ns)}});
    if (gap.begin_unknown) gaps.back()["begin_unknown"] = true;
  }
  for (const auto& period : coverage.blind)
    blind.push_back(
        {{"from", seconds(period.from_ns)}, {"to", seconds(period.to_ns)}, {"what", period.what}});
  for (const auto& [event, missing] : coverage.missing_hooks)
    hooks[event] = {{"why", missing.why}, {"runs", missing.runs}};
  Json out = {{"from", seconds(coverage.from_ns)},
              {"to", seconds(coverage.to_ns)},
              {"runs", coverage.runs},
              {"watched_s", seconds(coverage.watched_ns())},
              {"gaps",
               {{"count", coverage.gap_count},
                {"seconds", seconds(coverage.gap_ns)},
                {"longest", std::move(gaps)}}},
              {"lost", counted(coverage.lost)},
              {"hashed", counted(coverage.hashed)},
              {"not_hashed", coverage.executions_not_hashed()},
              {"blind", {{"count", coverage.blind_count}, {"periods", std::move(blind)}}},
              {"hooks_missing", std::move(hooks)},
              {"contents",
               {{"count", coverage.contents.all},
                {"without_sha1", coverage.contents.without_sha1},
                {"without_md5", coverage.contents.without_md5}}},
              {"dropped", coverage.rows_dropped},
              {"cut", coverage.cut}};
  if (coverage.kept_from_ns) out["kept_from"] = seconds(*coverage.kept_from_ns);
  if (coverage.asked_from_ns) out["asked_from"] = seconds(*coverage.asked_from_ns);
  return out;
}

Json sighting_json(HistoryReader& reader, const SightingRow& row) {
  Json out = {
      {"kind", to_string(row.kind)},
      {"value", shown_value(row.kind, row.value, row.flags)},
      {"count", row.count},
      {"days", row.days},
      {"flags", flag_words(row.flags)},
      {"first", moment_json(row.first_ns, row.first_process, who_of(reader, row.first_who))},
      {"last", moment_json(row.last_ns, row.last_process, who_of(reader, row.last_who))}};
  const bool ran = row.kind == SeenKind::kProgram || row.kind == SeenKind::kScript;
  if (!row.subject.empty())
    out[ran ? "path" : "program"] = ran ? row.subject : shown_content(row.subject, row.flags);
  if (!row.container.empty()) out["container"] = row.container;
  return out;
}

Result<Json> to_json(HistoryReader& reader, const HuntReport& report) {
  Json hits = Json::array(), misses = Json::array();
  std::size_t room = limits::kHuntAnswerBytesMax;
  for (const auto& result : report.results) {
    if (result.verdict != Verdict::kSeen) {
      misses.push_back(miss_json(result));
      continue;
    }
    auto hit = hit_json(result);
    Json sightings = Json::array(), occurrences = Json::array();
    for (const auto& row : result.sightings) {
      if (room == 0) break;
      sightings.push_back(sighting_json(reader, row));
      const auto bytes =
          sightings.back().dump(-1, ' ', false, Json::error_handler_t::replace).size();
      room -= std::min(room, bytes);
    }
    for (const auto& one : result.occurrences) occurrences.push_back(occurrence_json(one));
    hit["more_sightings"] = result.rows - sightings.size();
    hit["sightings"] = std::move(sightings);
    if (!occurrences.empty()) hit["occurrences"] = std::move(occurrences);
    hits.push_back(std::move(hit));
  }
  Json out = {{"asked", report.results.size()},
              {"hits", std::move(hits)},
              {"misses", std::move(misses)},
              {"coverage", to_json(report.coverage)}};
  for (std::size_t i = 0; i < kVerdicts; ++i) out[kCounts[i]] = report.by_verdict[i];
  return out;
}

void merge_hunts(Json& into, Json more) {
  if (!into.is_object() || !more.is_object()) {
    into = std::move(more);
    return;
  }
  const auto count = [](const Json& answer, const char* name) {
    const auto it = answer.find(name);
    return it != answer.end() && it->is_number_unsigned() ? it->get<std::uint64_t>() : 0;
  };
  into["asked"] = count(into, "asked") + count(more, "asked");
  for (const auto* name : kCounts) into[name] = count(into, name) + count(more, name);
  for (const auto* name : {"hits", "misses"})
    if (into[name].is_array() && more[name].is_array())
      for (auto& one : more[name]) into[name].push_back(std::move(one));
  into["coverage"] = std::move(more["coverage"]);
}

}  // namespace tocsin
