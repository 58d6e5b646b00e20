// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// One image in many containers, and on the host: what happens in one of them is told of that one.
#include "support/event_lines.hpp"
#include "support/test.hpp"

using namespace tocsin;
using test::EventLines;
using Json = nlohmann::json;

namespace {

constexpr double kHour = 3'600;
constexpr int kReplicas = 4;

std::string container(int replica) {
  return replica == 0 ? std::string() : std::string(64, static_cast<char>('a' + replica));
}

Json inside(int replica, Json members = Json::object()) {
  if (replica != 0) members["container"] = container(replica);
  members["package"] = "";
  return members;
}

// The same content as replicas 1 to 4 and, as number 0, on the host; all call the same place.
EventLines replicas() {
  EventLines lines;
  lines.exec(0, 1, "/usr/lib/systemd/systemd", {{"package", "systemd"}});
  for (int r = 0; r <= kReplicas; ++r) {
    lines.exec(kHour + r, 100 + r, "/app/server", inside(r, {{"ppid", 1}}));
    for (int i = 0; i < 12; ++i) lines.connect(kHour + 60 + 300 * i + r, 100 + r, "home.example");
  }
  return lines;
}

const Json& row_of(const EventLines::Outcome& outcome, int replica) {
  for (const auto& beacon : outcome.beacons)
    if (beacon["destination"] == "home.example" && beacon["container"] == container(replica))
      return beacon;
  FAIL("no row of replica " << replica);
  return outcome.beacons[0];
}

}  // namespace

TEST_CASE("a shell in one container is that container's, with all its commands") {
  auto lines = replicas();
  const double at = kHour + 60 + 300 * 11 + 60;
  lines.exec(at, 201, "/bin/sh",
             inside(3, {{"ppid", 103}, {"stdin", "socket"}, {"argv", {"sh", "-i"}}}));
  lines.exec(at + 2, 202, "/usr/bin/whoami", inside(3, {{"ppid", 201}}));
  const auto outcome = lines.replay();
  for (int r = 0; r <= kReplicas; ++r) {
    INFO(r);
    const auto& row = row_of(outcome, r);
    CHECK((row["evidence"]["follow_up"].get<double>() > 0) == (r == 3));
    CHECK((row["verdict"] == "critical") == (r == 3));
  }
  REQUIRE(outcome.alerts.size() == 1);
  const auto& tocsin = outcome.alerts[0]["tocsin"];
  CHECK(tocsin["beacon"]["container"] == container(3));
  REQUIRE(tocsin["incident"]["steps"].size() == 2);
  CHECK(tocsin["incident"]["steps"][1]["command"].get<std::string>().find("whoami") !=
        std::string::npos);
}

TEST_CASE("a library that was changed in one container is not in the others") {
  auto lines = replicas();
  lines.line(kHour + 30, 102, "module",
             {{"path", "/tmp/x.so"}, {"sha256", test::digest_of("x.so")}, {"package", ""}});
  const auto outcome = lines.replay();
  const auto maps = [&](int replica) {
    for (const auto& words : row_of(outcome, replica)["because"])
      if (words.get<std::string>().starts_with("it maps a library")) return true;
    return false;
  };
  for (int r = 0; r <= kReplicas; ++r) CHECK_FALSE((maps(r) && r != 2));
}
