// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "support/report_fixture.hpp"

#include <random>

#include "support/alert_fixture.hpp"

namespace tocsin::test {
namespace {

using nlohmann::json;

constexpr double kFirst = 1'764'000'000;  // 2025-11-24T16:00:00Z
constexpr double kDay = 86'400;

json beacon_json() {
  return {{"subject", {{"path", "/opt/3cx/app"}, {"sha256", std::string(64, 'a')}}},
          {"container", ""},
          {"destination", "c2.example"},
          {"port", 443},
          {"kind", "connect"},
          {"contacts", 190},
          {"failed", 6},
          {"episodes", 190},
          {"period_s", 300},
          {"jitter", 0.08},
          {"timing", 0.97},
          {"probability", 0.994},
          {"verdict", "critical"},
          {"evidence",
           {{"timing", 2.9},
            {"image", 1.5},
            {"lineage", 0},
            {"destination", 1.5},
            {"follow_up", 4.5},
            {"indicator", 0}}},
          {"because",
           {"then a shell on a socket or fresh terminal ran below it", "no package owns the file",
            "the program is long known, this destination of it is new",
            "the file's content changed within 30 days", "no other program here goes there"}},
          {"first", kFirst},
          {"last", kFirst + 16 * 3'600},
          {"crossed",
           {{"notice", {{"ts", kFirst + 2'100}, {"episode", 7}}},
            {"alert", {{"ts", kFirst + 4'800}, {"episode", 16}}},
            {"critical", {{"ts", kFirst + 16 * 3'600}, {"episode", 190}}}}}};
}

}  // namespace

report::Material beacon_material() {
  report::Material out;
  auto alert = sample_alert(AlertKind::kIncident);
  alert.time_ns = static_cast<WallNs>(kFirst + 16 * 3'600) * kNsPerSecond;
  for (auto& process : alert.lineage) {
    process.start_wall_ns = static_cast<WallNs>(kFirst - 6 * kDay) * kNsPerSecond;
  }
  out.alert = json::parse(sample_rendered(alert)->json);
  out.alert["tocsin"]["beacon"] = beacon_json();
  std::mt19937 random(7);
  std::normal_distribution<double> jitter(0, 8);
  json contacts = json::array();
  double at = kFirst;
  for (int i = 0; i < 190; ++i) {
    const bool failed = i % 31 == 30;
    contacts.push_back({at,
                        failed ? json(nullptr) : json(480 + i % 7 * 12 + (i == 150 ? 9'000 : 0)),
                        failed ? "timeout" : "ok"});
    at += 300 + jitter(random);
  }
  const auto neighbour = [&](const char* what, double first, int count) {
    return json{{"what", what}, {"first", first}, {"last", kFirst + 50'000}, {"count", count}};
  };
  out.around = {{"contacts", contacts},
                {"earlier", 0},
                {"in_time", true},
                {"running", true},
                {"versions",
                 {{{"sha256", std::string(64, 'a')},
                   {"first", kFirst - 8 * kDay},
                   {"last", kFirst},
                   {"count", 3}},
                  {{"sha256", std::string(64, 'b')},
                   {"first", kFirst - 60 * kDay},
                   {"last", kFirst - 8 * kDay},
                   {"count", 80}}}},
                {"destinations",
                 {neighbour("updates.example", kFirst - 50 * kDay, 412),
                  neighbour("198.51.100.20:5061/tcp", kFirst - 50 * kDay, 96)}},
                {"more_destinations", 0},
                {"programs", {neighbour("/usr/bin/curl", kFirst + 40'000, 2)}},
                {"more_programs", 0},
                {"coverage",
                 {{"gaps",
                   {{"count", 1},
                    {"seconds", 5'400},
                    {"longest", {{{"from", kFirst + 20'000}, {"to", kFirst + 25'400}}}}}},
                  {"not_hashed", 14}}}};
  out.now_s = kFirst + 17 * 3'600;
  return out;
}

}  // namespace tocsin::test
