// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// Versions of a program, and what follows below it.
#include <fmt/format.h>

#include "beacon/table.hpp"
#include "support/beacon_bench.hpp"
#include "support/test.hpp"

using namespace tocsin;
using namespace tocsin::test;

TEST_CASE("what the version before contacted is not new to the next") {
  BeaconBench bench;
  bench.contact(program("/opt/v1"), "usual.example");
  bench.now += 20 * kDay;
  auto next = program("/opt/v2");
  next.before = program("/opt/v1").id;
  CHECK_FALSE(bench.evidence(bench.contact(next, "usual.example").key).has(Evidence::kNewPair));
  CHECK(bench.evidence(bench.contact(next, "new.example").key).has(Evidence::kNewPair));
}

TEST_CASE("what any version before contacted is not new, however many came between") {
  BeaconBench bench;
  bench.contact(program("/opt/v1"), "usual.example");
  bench.now += 20 * kDay;
  auto third = program("/opt/v3");
  third.before = program("/opt/v2").id;  // it called nowhere in its short life
  third.earlier = {program("/opt/v1").id};
  const auto usual = bench.contact(third, "usual.example").key;
  CHECK_FALSE(bench.evidence(usual).has(Evidence::kNewPair));
  CHECK(bench.evidence(bench.contact(third, "new.example").key).has(Evidence::kNewPair));
}

TEST_CASE("how long a program was silent before its first call") {
  BeaconBench bench;
  const auto dormant = [&](const BeaconSubject& subject, const char* destination,
                           std::uint16_t port = 443) {
    const auto slot = bench.contact(subject, destination, port).key;
    return bench.table.finding(slot, bench.table.assess(slot, bench.now)).dormant_s;
  };
  auto x = program("/opt/x");
  CHECK_FALSE(dormant(x, "unknown-age.example"));
  x.appeared_ns = kStart;
  bench.now += 7 * kDay;
  CHECK(dormant(x, "week.example") == 7 * 86'400.0);
  CHECK_FALSE(dormant(x, "week.example", 80));  // it went there before
  bench.now += kDay;
  x.changed_ns = bench.now;
  bench.now += 2 * kDay;
  CHECK(dormant(x, "after-update.example") == 2 * 86'400.0);
  CHECK(dormant(x, "week.example") == 7 * 86'400.0);
}

TEST_CASE("a version that goes where the one before never did is new there, after two days") {
  for (const int days_before : {1, 3}) {
    BeaconBench bench;
    const auto old = program("/opt/x");
    bench.contact(old, "home.example");
    auto updated = program("/opt/x 2");
    updated.before = old.id;
    bench.now += days_before * kDay;
    updated.changed_ns = bench.now;
    CHECK_FALSE(bench.evidence(bench.contact(updated, "home.example").key).has(Evidence::kNewPair));
    bench.now += 5 * kDay;
    const auto elsewhere = bench.contact(updated, "elsewhere.example").key;
    CHECK(bench.evidence(elsewhere).has(Evidence::kNewPair) == (days_before == 3));
  }
}

TEST_CASE("what the version before lost for room hides an update's new destination for a month") {
  for (const int days_since : {5, 40}) {
    BeaconBench bench({.destinations_max = 4});
    const auto old = program("/opt/x");
    for (const auto* name : {"a.example", "b.example", "c.example", "d.example"})
      bench.contact(old, name);
    REQUIRE(bench.table.counters().beyond_quota == 1);
    bench.now += days_since * kDay;
    bench.contact(old, "d.example");
    auto updated = program("/opt/x 2");
    updated.before = old.id;
    updated.changed_ns = bench.now;
    const auto elsewhere = bench.contact(updated, "elsewhere.example").key;
    CHECK(bench.evidence(elsewhere).has(Evidence::kNewPair) == (days_since == 40));
  }
}

TEST_CASE("junk destinations after it make a new one no older") {
  BeaconBench bench({.destinations_max = 4});
  auto updated = program("/opt/x");
  bench.now += 20 * kDay;
  updated.changed_ns = bench.now;
  const auto elsewhere = bench.contact(updated, "elsewhere.example").key;
  for (int i = 0; i < 3; ++i) bench.contact(updated, "elsewhere.example");
  for (int i = 0; i < 9; ++i) bench.contact(updated, fmt::format("junk{}.example", i));
  REQUIRE(bench.table.counters().beyond_quota > 0);
  CHECK(bench.evidence(elsewhere).has(Evidence::kNewPair));
}

TEST_CASE("the distribution's record does not vouch for an update that calls elsewhere") {
  BeaconBench bench;
  auto updated = program("/usr/bin/x", /*owned=*/true);
  updated.image.add(Evidence::kDistroFile);
  bench.now += 20 * kDay;
  updated.changed_ns = bench.now;
  const auto key = bench.contact(updated, "elsewhere.example").key;
  CHECK_FALSE(bench.evidence(key).has(Evidence::kDistroFile));
  CHECK(bench.evidence(key).has(Evidence::kThirdPartyPackage));
  bench.follow_up(updated, BeaconKey::kShell);
  CHECK(bench.evidence(key).has(Evidence::kUnvouched));
  bench.now += 8 * kDay;
  CHECK_FALSE(bench.evidence(key).has(Evidence::kShell));
}

TEST_CASE("a follow-up marks what was contacted in the quarter of an hour before") {
  BeaconBench bench;
  const auto agent = program("/opt/agent");
  const auto early = bench.contact(agent, "early.example").key;
  bench.now += 3'600 * kNsPerSecond;
  const auto late = bench.contact(agent, "late.example").key;
  bench.now += 600 * kNsPerSecond;
  const auto marked = bench.follow_up(agent, BeaconKey::kShell);
  CHECK(std::ranges::find(marked, late) != marked.end());
  CHECK(std::ranges::find(marked, early) == marked.end());
  CHECK(bench.evidence(late).has(Evidence::kShell));
  CHECK_FALSE(bench.evidence(early).has(Evidence::kShell));
  bench.now += 6 * kDay;
  CHECK(bench.evidence(late).has(Evidence::kShell));
  bench.now += 2 * kDay;
  CHECK_FALSE(bench.evidence(late).has(Evidence::kShell));
  // A second one later does not bring the first one back.
  bench.contact(agent, "early.example");
  bench.follow_up(agent, BeaconKey::kRecon);
  CHECK(bench.evidence(early).has(Evidence::kRecon));
  CHECK_FALSE(bench.evidence(late).has(Evidence::kShell));
}

TEST_CASE("a follow-up in one container says nothing of another, nor of the host") {
  BeaconBench bench;
  const auto agent = program("/app/agent");
  const auto in = [&](const std::string& container) {
    return bench.table
        .file({.time_ns = bench.now,
               .subject = agent,
               .container = container,
               .destination = "home.example",
               .port = 443})
        .key;
  };
  const auto a = in("a"), b = in("b"), host = in("");
  CHECK(bench.follow_up(agent, BeaconKey::kShell, "a").front() == a);
  CHECK(bench.evidence(a).has(Evidence::kShell));
  CHECK_FALSE(bench.evidence(b).has(Evidence::kShell));
  CHECK_FALSE(bench.evidence(host).has(Evidence::kShell));
  const auto had_shell = [&](const std::string& container) {
    return bench.table.followed_by({agent, container, BeaconKey::kShell, bench.now});
  };
  CHECK(had_shell("a"));
  CHECK_FALSE(had_shell("b"));
  CHECK_FALSE(had_shell(""));
  CHECK(bench.follow_up(agent, BeaconKey::kShell, "never seen").empty());
  // Another container's does not make an old one count again.
  bench.now += 8 * kDay;
  in("b");
  bench.follow_up(agent, BeaconKey::kShell, "b");
  CHECK_FALSE(bench.evidence(a).has(Evidence::kShell));
}
