// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "support/sim_score.hpp"

#include <algorithm>
#include <ctime>
#include <fstream>
#include <stdexcept>

namespace tocsin::test::sim {
namespace {

constexpr double kDaysMost = 60;

BeaconLevel level_of(const std::string& verdict) {
  for (const auto level : {BeaconLevel::kNotice, BeaconLevel::kAlert, BeaconLevel::kCritical})
    if (verdict == to_string(level)) return level;
  return BeaconLevel::kNone;
}

bool is_about(const Json& row, const Truth& truth) {
  const auto& subject = row.at("subject");
  return subject.at("path") == truth.path ||
         (!truth.sha256.empty() && subject.at("sha256") == truth.sha256);
}

void hold(const Json& row, HostVerdict& out) {
  const auto level = level_of(row.at("verdict"));
  for (auto& verdict : out.subjects) {
    if (!is_about(row, verdict.truth)) continue;
    // The vendor's own telemetry is honest, also of the version that turned.
    verdict.reached = std::max(verdict.reached, level);
    verdict.best_beacon = std::max(verdict.best_beacon, row.at("score").get<double>());
    if (const auto& crossed = row.at("crossed"); crossed.contains("alert")) {
      const int episodes = crossed["alert"]["episode"];
      if (verdict.episodes_to_alert == 0 || episodes < verdict.episodes_to_alert)
        verdict.episodes_to_alert = episodes;
    }
    return;
  }
  if (level == BeaconLevel::kNone) return;
  ++(level == BeaconLevel::kNotice ? out.false_notices : out.false_alerts);
  out.false_rows.push_back(row.dump());
}

}  // namespace

Host malicious_host(std::uint64_t seed, const PlanOptions& options) {
  Random random(seed * 2 + 1);
  const auto plan = drawn_plan(options, random);
  const bool vendor = plan.kind == kVendorKind;
  const double calling =
      plan.count * plan.beat.interval_s / kDay * (plan.beat.office_hours ? 2.5 : 1.2);
  const double days = (vendor ? 21 : 2) + std::max(plan.dormant_s / kDay, vendor ? 2.0 : 0.0) +
                      plan.beat.nap_s / kDay + calling + 0.5;
  Host host("malicious-" + std::to_string(seed), seed * 2 + 1, std::min(days, kDaysMost));
  add_everyday(host);
  add_malicious(host, plan);
  return host;
}

Host benign_host(std::uint64_t seed, std::string_view kind, double days) {
  Host host(std::string(kind) + "-" + std::to_string(seed), seed * 2, days);
  add_everyday(host);
  add_benign(host, kind);
  return host;
}

HostVerdict judge(const Host& host, const std::vector<Truth>& truths,
                  const std::filesystem::path& file, const BeaconOptions& options) {
  std::ofstream(file, std::ios::binary) << host.lines();
  HostVerdict out;
  out.days = host.days();
  for (const auto& truth : truths)
    if (truth.malicious) out.subjects.push_back({.truth = truth});
  ReplayOptions replay;
  replay.file = file;
  replay.print = ReplayPrint::kBeacons;
  replay.json = true;
  replay.beacons = options;
  std::vector<std::string> rows, faults;
  replay.out = [&](const std::string& line) { rows.push_back(line); };
  replay.complain = [&](const std::string& text) { faults.push_back(text); };
  const auto begin = std::clock();
  const auto report = run_replay(replay);
  out.seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  if (!report) throw std::runtime_error(report.error().message);
  if (!faults.empty()) throw std::runtime_error(faults.front());
  out.events = report->events;
  for (const auto& row : rows) hold(Json::parse(row), out);
  return out;
}

}  // namespace tocsin::test::sim
