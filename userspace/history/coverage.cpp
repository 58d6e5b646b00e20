// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "history/coverage.hpp"

#include <fmt/format.h>

#include <algorithm>

#include <nlohmann/json.hpp>

#include "hash/hash_result.hpp"
#include "history/history_limits.hpp"

namespace tocsin {
namespace {

// A run that said it was alive so lately is running: it says so at least every ten seconds.
constexpr WallNs kAliveNs = 30 * kNsPerSecond;
constexpr std::string_view kMissingPrefix = "missing";

struct Run {
  std::int64_t id = 0;
  WallNs started_ns = 0, ended_ns = 0;
  bool killed = false;  // it did not stop in order: when it ended is not known exactly
  std::string hooks;
};

// By the time of their start; those that run at now do not end before it.
Result<std::vector<Run>> read_runs(HistoryReader& reader, WallNs now) {
  TOCSIN_TRY(auto rows, reader.database().prepare("SELECT started_ns,alive_ns,stopped_ns,hooks,id "
                                                  "FROM run ORDER BY started_ns,id"));
  std::vector<Run> out;
  for (;;) {
    TOCSIN_TRY(const bool there, rows.step());
    if (!there) break;
    Run run;
    run.started_ns = rows.integer(0);
    run.killed = rows.is_null(2);
    run.ended_ns = std::max(run.started_ns, rows.integer(run.killed ? 1 : 2));
    run.hooks = rows.bytes(3);
    run.id = rows.integer(4);
    out.push_back(std::move(run));
  }
  const auto last = std::ranges::max_element(out, {}, &Run::id);
  if (last != out.end() && last->killed && last->ended_ns > now - kAliveNs) {
    last->killed = false;
    last->ended_ns = std::max(now, last->ended_ns);
  }
  return out;
}

// The clock was ahead when the run that is under way began, and was put right since: it began
// before what it saw first, and after the runs before it.
Result<void> put_start_right(HistoryReader& reader, std::vector<Run>& runs, WallNs now) {
  const auto last = std::ranges::max_element(runs, {}, &Run::id);
  if (last == runs.end() || last->killed || last->started_ns <= now) return {};
  WallNs before = 0;
  for (const auto& run : runs)
    if (run.id != last->id && run.started_ns <= now)
      before = std::max(before, std::min(run.ended_ns, now));
  TOCSIN_TRY(
      const auto first,
      reader.database().integer(fmt::format(
          "SELECT min(first_ns) FROM seen WHERE first_ns>{} AND first_ns<={}", before, now)));
  last->started_ns = first > 0 ? first : now;
  std::ranges::stable_sort(runs, {}, &Run::started_ns);
  return {};
}

Result<void> add_begin(HistoryReader& reader, const std::vector<Run>& runs, Coverage& out) {
  if (runs.empty()) return {};
  const auto meta = [&](std::string_view name) {
    return reader.database().integer(fmt::format("SELECT value FROM meta WHERE name='{}'", name));
  };
  TOCSIN_TRY(const auto complete, meta("seen_complete_since_ns"));
  TOCSIN_TRY(const auto cut, meta("seen_cut_ns"));
  TOCSIN_TRY(const auto dropped, meta("seen_dropped"));
  out.kept_from_ns = std::max(runs.front().started_ns, complete);
  out.cut = cut > 0 && cut >= *out.kept_from_ns;
  out.rows_dropped = static_cast<std::uint64_t>(std::max<std::int64_t>(dropped, 0));
  return {};
}

void add_gap(Coverage& out, CoverageGap gap) {
  if (gap.to_ns <= gap.from_ns) return;
  ++out.gap_count;
  out.gap_ns += gap.to_ns - gap.from_ns;
  out.gaps.push_back(gap);
}

void keep_longest(std::vector<CoverageGap>& gaps) {
  if (gaps.size() > limits::kCoverageGapsMax) {
    std::ranges::nth_element(gaps, gaps.begin() + limits::kCoverageGapsMax, std::greater{},
                             [](const CoverageGap& gap) { return gap.to_ns - gap.from_ns; });
    gaps.resize(limits::kCoverageGapsMax);
  }
  std::ranges::sort(gaps, {}, &CoverageGap::from_ns);
}

// {"exec":"tp_btf/…","packet":"missing: …"}
void add_hooks(Coverage& out, const std::string& text) {
  const auto hooks = nlohmann::json::parse(text, nullptr, false);
  if (!hooks.is_object()) return;
  for (const auto& [event, state] : hooks.items()) {
    const auto* said = state.get_ptr<const std::string*>();
    if (said == nullptr || !said->starts_with(kMissingPrefix)) continue;
    auto& missing = out.missing_hooks[event];
    missing.why = *said;
    ++missing.runs;
  }
}

// Runs may overlap when the clock was stepped back: covered says up to where somebody watched.
void add_runs(Coverage& out, const std::vector<Run>& runs) {
  WallNs covered = out.from_ns;
  bool killed = false;
  for (const auto& run : runs) {
    if (run.started_ns > out.to_ns) break;
    if (run.ended_ns < out.from_ns) {
      killed = run.killed;
      continue;
    }
    add_gap(out, {covered, std::min(run.started_ns, out.to_ns), killed && out.runs > 0});
    covered = std::max(covered, run.ended_ns);
    killed = run.killed;
    ++out.runs;
    add_hooks(out, run.hooks);
  }
  add_gap(out, {covered, out.to_ns, killed && out.runs > 0});
  keep_longest(out.gaps);
}

Result<std::map<std::string, std::uint64_t>> sums(HistoryReader& reader, std::string_view sql,
                                                  WallNs from_ns, WallNs to_ns) {
  TOCSIN_TRY(auto rows, reader.database().prepare(sql));
  rows.bind(1, from_ns / kMinuteNs).bind(2, to_ns / kMinuteNs);
  std::map<std::string, std::uint64_t> out;
  for (;;) {
    TOCSIN_TRY(const bool there, rows.step());
    if (!there) return out;
    if (rows.integer(1) > 0)
      out[std::string(rows.bytes(0))] = static_cast<std::uint64_t>(rows.integer(1));
  }
}

Result<std::map<std::string, std::uint64_t>> losses(HistoryReader& reader, const Coverage& period) {
  return sums(reader,
              "SELECT stage,sum(count) FROM lost WHERE minute BETWEEN ?1 AND ?2 GROUP BY stage",
              period.from_ns, period.to_ns);
}

Result<void> add_blind(HistoryReader& reader, Coverage& out) {
  TOCSIN_TRY(auto rows,
             reader.database().prepare("SELECT from_ns,to_ns,what FROM blind WHERE to_ns>=?1 AND "
                                       "from_ns<=?2 ORDER BY from_ns"));
  rows.bind(1, out.from_ns).bind(2, out.to_ns);
  for (;;) {
    TOCSIN_TRY(const bool there, rows.step());
    if (!there) return {};
    ++out.blind_count;
    if (out.blind.size() < limits::kCoverageGapsMax)
      out.blind.push_back({rows.integer(0), rows.integer(1), std::string(rows.bytes(2))});
  }
}

}  // namespace

bool Coverage::never_had(const std::string& hook) const {
  const auto it = missing_hooks.find(hook);
  return it != missing_hooks.end() && it->second.runs == runs;
}

std::uint64_t Coverage::executions_not_hashed() const {
  std::uint64_t out = 0;
  for (std::size_t i = 1; i < kHashMissCount; ++i) {
    const auto it = hashed.find(std::string(to_string(static_cast<HashMiss>(i))));
    if (it != hashed.end()) out += it->second;
  }
  return out;
}

Result<Coverage> read_coverage(HistoryReader& reader, const CoverageQuestion& question) {
  TOCSIN_TRY(auto runs, read_runs(reader, question.now_ns));
  TOCSIN_TRY_VOID(put_start_right(reader, runs, question.now_ns));
  Coverage out;
  TOCSIN_TRY_VOID(add_begin(reader, runs, out));
  out.asked_from_ns = question.since_ns;
  out.to_ns = std::min(question.until_ns.value_or(question.now_ns), question.now_ns);
  out.from_ns = std::max(question.since_ns.value_or(0), out.kept_from_ns.value_or(out.to_ns));
  out.from_ns = std::min(out.from_ns, out.to_ns);
  add_runs(out, runs);
  TOCSIN_TRY(out.lost, losses(reader, out));
  TOCSIN_TRY(out.hashed, sums(reader,
                              "SELECT outcome,sum(count) FROM hashed WHERE minute BETWEEN ?1 AND "
                              "?2 GROUP BY outcome",
                              out.from_ns, out.to_ns));
  TOCSIN_TRY_VOID(add_blind(reader, out));
  TOCSIN_TRY(out.contents, reader.content_counts());
  return out;
}

Result<Coverage> read_watch(HistoryReader& reader, WallNs from_ns, WallNs to_ns) {
  TOCSIN_TRY(const auto runs, read_runs(reader, to_ns));
  Coverage out;
  out.from_ns = from_ns;
  out.to_ns = std::max(from_ns, to_ns);
  add_runs(out, runs);
  TOCSIN_TRY(out.lost, losses(reader, out));
  return out;
}

}  // namespace tocsin
