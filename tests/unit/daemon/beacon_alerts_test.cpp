// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/beacon_alerts.hpp"

#include "base/sha256_of.hpp"
#include "support/test.hpp"

using namespace tocsin;

namespace {

const Sha256 kId = sha256_of("implant");
constexpr WallNs kStart = 1'800'000'000 * kNsPerSecond;
constexpr WallNs kHour = 3'600 * kNsPerSecond;

struct Desk {
  VirtualClock clock;
  std::vector<Alert> told;
  BeaconAlerts alerts;

  explicit Desk(const std::vector<std::string>& allow = {})
      : alerts({.clock = clock, .allowed = AllowList(allow), .on_alert = [this](Alert alert) {
                  told.push_back(std::move(alert));
                }}) {
    clock.advance_to(kStart);
  }
  void pass(WallNs ns) {
    clock.advance_to(clock.wall_ns() + ns);
    alerts.tick();
  }
  void note(IncidentStepKind kind, const std::string& command) {
    alerts.note({kId, ""}, {clock.wall_ns(), kind, command, {100 + ++steps, 1}});
  }
  std::uint32_t steps = 0;
};

Alert alert(AlertKind kind, Severity severity, const std::string& destination) {
  Alert out;
  out.kind = kind;
  out.severity = severity;
  out.message = destination;
  BeaconFinding finding;
  finding.subject_kind = SubjectKind::kContent;
  finding.subject_id = kId;
  finding.destination = destination;
  out.beacon = finding;
  return out;
}

Alert beacon(const std::string& destination, Severity severity = Severity::kLow) {
  return alert(AlertKind::kBeacon, severity, destination);
}

Alert incident(const std::string& destination, Severity severity) {
  return alert(AlertKind::kIncident, severity, destination);
}

}  // namespace

TEST_CASE("what one shell raises is one incident with all that ran", "[beacon]") {
  Desk desk;
  desk.note(IncidentStepKind::kShell, "sh -i");
  desk.alerts.add(incident("a.example", Severity::kLow));
  CHECK(desk.alerts.in_incident({kId, ""}));
  desk.pass(30 * kNsPerSecond);
  CHECK(desk.told.empty());  // it waits for what follows
  desk.note(IncidentStepKind::kCommand, "whoami");
  desk.note(IncidentStepKind::kRecon, "uname -a");
  desk.alerts.add(incident("b.example", Severity::kHigh));
  desk.alerts.add(incident("c.example", Severity::kLow));
  desk.pass(10 * kNsPerSecond);
  REQUIRE(desk.told.size() == 1);
  const auto& told = desk.told[0];
  CHECK(told.beacon->destination == "b.example");
  CHECK(told.severity == Severity::kCritical);  // somebody types commands
  REQUIRE(told.incident);
  REQUIRE(told.incident->steps.size() == 3);
  CHECK(told.incident->steps[0].kind == IncidentStepKind::kShell);
  CHECK(told.message == "b.example; below it ran: sh -i, whoami, uname -a");
  CHECK_FALSE(desk.alerts.in_incident({kId, ""}));
  CHECK(desk.alerts.status()["folded"] == 2);
}

TEST_CASE("without a shell an incident is as grave as its level", "[beacon]") {
  Desk desk;
  desk.note(IncidentStepKind::kDropped, "/tmp/x");
  desk.alerts.add(incident("a.example", Severity::kHigh));
  desk.alerts.flush();
  REQUIRE(desk.told.size() == 1);
  CHECK(desk.told[0].severity == Severity::kHigh);
}

TEST_CASE("what an incident goes on with is counted and told when its day is over", "[beacon]") {
  Desk desk;
  desk.alerts.add(incident("a.example", Severity::kHigh));
  desk.pass(11 * kNsPerSecond);
  REQUIRE(desk.told.size() == 1);
  for (int i = 0; i < 3; ++i) desk.alerts.add(incident("a.example", Severity::kHigh));
  desk.alerts.add(beacon("b.example"));
  desk.pass(20 * kHour);
  CHECK(desk.told.size() == 1);
  desk.pass(5 * kHour);
  REQUIRE(desk.told.size() == 2);
  CHECK(desk.told[1].repeats == 3);
  CHECK(desk.told[1].severity == Severity::kHigh);
}

TEST_CASE("an incident that goes on for days is told once a day, with what ran", "[beacon]") {
  Desk desk;
  desk.alerts.add(incident("a.example", Severity::kCritical));
  for (int hour = 0; hour < 24 * 5; ++hour) {
    desk.pass(kHour);
    desk.note(IncidentStepKind::kShell, "sh -i");
    desk.alerts.add(incident("a.example", Severity::kCritical));
  }
  CHECK(desk.told.size() == 5);
  CHECK(desk.told[1].repeats == 23);
  REQUIRE(desk.told[1].incident);
  CHECK(desk.told[1].incident->steps.size() == 24);
  // It is over, and another begins: that is told at once.
  desk.pass(10 * kHour);
  desk.pass(25 * kHour);
  const auto before = desk.told.size();
  desk.alerts.add(incident("a.example", Severity::kCritical));
  desk.pass(11 * kNsPerSecond);
  CHECK(desk.told.size() == before + 1);
}

TEST_CASE("a graver turn of an incident is told at once", "[beacon]") {
  Desk desk;
  desk.alerts.add(incident("a.example", Severity::kHigh));
  desk.pass(11 * kNsPerSecond);
  desk.note(IncidentStepKind::kShell, "sh -i");
  desk.alerts.add(incident("a.example", Severity::kCritical));
  desk.pass(11 * kNsPerSecond);
  REQUIRE(desk.told.size() == 2);
  CHECK(desk.told[1].severity == Severity::kCritical);
}

TEST_CASE("a program has so many alerts an hour, the rest is folded and counted", "[beacon]") {
  Desk desk;
  for (std::size_t i = 0; i < 40; ++i)
    desk.alerts.add(beacon("host" + std::to_string(i) + ".example"));
  CHECK(desk.told.size() == limits::kBeaconAlertsPerHourMax);
  // One graver than all before is not held back.
  desk.alerts.add(beacon("worse.example", Severity::kHigh));
  CHECK(desk.told.size() == limits::kBeaconAlertsPerHourMax + 1);
  desk.pass(kHour);
  REQUIRE(desk.told.size() == limits::kBeaconAlertsPerHourMax + 2);
  CHECK(desk.told.back().repeats + 1 == 40 - limits::kBeaconAlertsPerHourMax);
  desk.pass(2 * kHour);
  CHECK(desk.told.size() == limits::kBeaconAlertsPerHourMax + 2);
}

TEST_CASE("another container's program has its own hour", "[beacon]") {
  Desk desk;
  for (int i = 0; i < 20; ++i) desk.alerts.add(beacon("x.example"));
  const auto before = desk.told.size();
  auto other = beacon("x.example");
  other.beacon->container = "c1";
  desk.alerts.add(other);
  CHECK(desk.told.size() == before + 1);
}

TEST_CASE("what a site vouches for is silenced and counted, and then no more", "[beacon]") {
  Desk desk({"sha256:" + kId.hex() + " expires=2027-02-01 comment=ours"});
  desk.alerts.add(beacon("a.example"));
  desk.alerts.add(incident("a.example", Severity::kCritical));
  desk.alerts.flush();
  CHECK(desk.told.empty());
  CHECK_FALSE(desk.alerts.add(beacon("a.example")));
  const auto status = desk.alerts.status();
  CHECK(status["silenced"] == 3);
  CHECK(status["allow"][0]["silenced"] == 3);
  desk.clock.advance_to(kStart + 60 * 24 * kHour);
  desk.alerts.add(beacon("a.example"));
  CHECK(desk.told.size() == 1);
}

TEST_CASE("steps of an incident are bounded, and old ones are none of it", "[beacon]") {
  Desk desk;
  desk.note(IncidentStepKind::kShell, "yesterday");
  desk.clock.advance_to(kStart + 25 * kHour);
  for (std::size_t i = 0; i < limits::kIncidentStepsMax + 5; ++i)
    desk.note(IncidentStepKind::kCommand, "c" + std::to_string(i));
  desk.alerts.add(incident("a.example", Severity::kHigh));
  desk.alerts.flush();
  REQUIRE(desk.told.size() == 1);
  CHECK(desk.told[0].incident->steps.size() == limits::kIncidentStepsMax);
  CHECK(desk.told[0].incident->steps[0].command == "c0");
  CHECK(desk.told[0].incident->steps_left_out == 5);
  CHECK(desk.told[0].message.find(" and 21 more") != std::string::npos);
}

TEST_CASE("a clock that is set back holds no incident back", "[beacon]") {
  struct SteppedClock final : Clock {
    WallNs wall = kStart;
    BootNs boot = 1;
    [[nodiscard]] WallNs wall_ns() const override { return wall; }
    [[nodiscard]] BootNs boot_ns() const override { return boot; }
  } clock;
  std::vector<Alert> told;
  BeaconAlerts alerts({.clock = clock,
                       .allowed = AllowList(std::vector<std::string>()),
                       .on_alert = [&](Alert alert) { told.push_back(std::move(alert)); }});
  alerts.add(incident("a.example", Severity::kHigh));
  clock.wall -= 24 * kHour;
  clock.boot += 11ULL * kNsPerSecond;
  alerts.tick();
  CHECK(told.size() == 1);
  // Nor does it stretch the hour in which a program has so many alerts.
  auto other = beacon("x.example");
  other.beacon->container = "c1";
  for (int i = 0; i < 40; ++i) alerts.add(other);
  CHECK(told.size() == 1 + limits::kBeaconAlertsPerHourMax);
  clock.wall -= 24 * kHour;
  clock.boot += static_cast<BootNs>(kHour);
  alerts.tick();
  CHECK(told.size() == 2 + limits::kBeaconAlertsPerHourMax);
}

TEST_CASE("a package vouches only for the content that made the contacts", "[beacon]") {
  Desk desk({"package:openssl expires=2027-02-01 comment=ours"});
  auto one = incident("a.example", Severity::kCritical);
  ProcessFacts now;  // what the process executed afterwards
  now.package.name = "openssl";
  now.package.intact = true;
  now.hash.digests = FileDigests{sha256_of("openssl"), std::nullopt, std::nullopt};
  one.lineage = {now};
  desk.alerts.add(one);
  desk.alerts.flush();
  CHECK(desk.told.size() == 1);
  one.lineage[0].hash.digests->sha256 = kId;
  one.beacon->container = "c1";
  desk.alerts.add(one);
  desk.alerts.flush();
  CHECK(desk.told.size() == 1);
}
