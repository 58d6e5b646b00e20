// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "support/event_lines.hpp"

#include <algorithm>
#include <fstream>

#include "base/sha256_of.hpp"
#include "support/test.hpp"

namespace tocsin::test {
namespace {

constexpr double kBegin = 1'700'000'000;

}  // namespace

EventLines& EventLines::line(double at, int pid, const std::string& kind, Json members) {
  if (!members.contains("ts")) members["ts"] = kBegin + at;
  members["kind"] = kind;
  members["pid"] = pid;
  members["start"] = kBegin - 1'000'000 + pid;
  if (members.contains("ppid")) members["pstart"] = kBegin - 1'000'000 + members["ppid"].get<int>();
  lines_.emplace_back(at, std::move(members));
  return *this;
}

EventLines& EventLines::exec(double at, int pid, const std::string& path, Json members) {
  members["path"] = path;
  if (!members.contains("sha256")) members["sha256"] = digest_of(path);
  return line(at, pid, "exec", std::move(members));
}

EventLines& EventLines::connect(double at, int pid, const std::string& host, Json members) {
  if (!host.empty()) members["host"] = host;
  if (!members.contains("addr")) members["addr"] = "198.51.100.7";
  if (!members.contains("port")) members["port"] = 443;
  if (!members.contains("proto")) members["proto"] = "tcp";
  return line(at, pid, "connect", std::move(members));
}

EventLines::Outcome EventLines::replay(BeaconOptions options) const {
  auto sorted = lines_;
  std::ranges::stable_sort(sorted, {}, [](const auto& line) { return line.first; });
  const TempDir dir;
  const auto file = dir.path() / "events.jsonl";
  std::ofstream out(file);
  for (const auto& [at, line] : sorted) out << line.dump() << '\n';
  out.close();
  Outcome outcome;
  for (const auto print : {ReplayPrint::kBeacons, ReplayPrint::kAlerts}) {
    auto& into = print == ReplayPrint::kBeacons ? outcome.beacons : outcome.alerts;
    ReplayOptions replay;
    replay.file = file;
    replay.print = print;
    replay.json = true;
    replay.beacons = options;
    replay.out = [&](const std::string& line) { into.push_back(Json::parse(line)); };
    replay.complain = [](const std::string& text) { FAIL_CHECK(text); };
    const auto report = run_replay(replay);
    if (!report) FAIL(report.error().message);
  }
  return outcome;
}

bool EventLines::Outcome::has(const std::string& destination) const {
  return std::ranges::any_of(beacons,
                             [&](const Json& b) { return b.at("destination") == destination; });
}

const EventLines::Json& EventLines::Outcome::beacon(const std::string& destination) const {
  const auto found = std::ranges::find_if(
      beacons, [&](const Json& b) { return b.at("destination") == destination; });
  if (found == beacons.end()) FAIL("no beacon to " << destination);
  return *found;
}

std::string digest_of(const std::string& name) {
  return sha256_of(name).hex();
}

}  // namespace tocsin::test
