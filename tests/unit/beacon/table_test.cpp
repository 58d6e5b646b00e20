// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "beacon/table.hpp"

#include <fmt/format.h>

#include "beacon/beacon_limits.hpp"
#include "support/beacon_bench.hpp"
#include "support/test.hpp"

using namespace tocsin;
using namespace tocsin::test;

TEST_CASE("a key is program, container, destination and port") {
  BeaconBench bench;
  const auto agent = program("/opt/agent");
  const auto first = bench.contact(agent, "c2.example").key;
  CHECK(bench.contact(agent, "c2.example").key == first);
  CHECK(bench.contact(agent, "c2.example", 8443).key != first);
  CHECK(bench.contact(agent, "other.example").key != first);
  CHECK(bench.contact(program("/opt/other"), "c2.example").key != first);
  const auto contained = bench.table.file({.time_ns = bench.now,
                                           .subject = agent,
                                           .container = "abc",
                                           .destination = "c2.example",
                                           .port = 443});
  CHECK(contained.key != first);
  const auto asked = bench.table.file({.time_ns = bench.now,
                                       .subject = agent,
                                       .container = "",
                                       .destination = "c2.example",
                                       .port = 443,
                                       .kind = ContactKind::kDns});
  CHECK(asked.key != first);
  CHECK(bench.table.destination(bench.table.key(asked.key)) == "c2.example");
  CHECK(bench.table.kind(bench.table.key(asked.key)) == ContactKind::kDns);
  CHECK(bench.table.key(first).timing.contacts() == 2);
}

TEST_CASE("how many programs use a destination is counted, and uncounted") {
  BeaconBench bench({.keys_max = 12});
  const auto slot = bench.contact(program("/p0"), "shared.example").key;
  CHECK(bench.evidence(slot).has(Evidence::kOnlySubject));
  bench.contact(program("/p0"), "shared.example", 80);  // the same program by another port
  CHECK(bench.evidence(slot).has(Evidence::kOnlySubject));
  for (int i = 1; i < 5; ++i) bench.contact(program(fmt::format("/p{}", i)), "shared.example");
  CHECK_FALSE(bench.evidence(slot).has(Evidence::kOnlySubject));
  CHECK(bench.evidence(slot).has(Evidence::kManySubjects));
}

TEST_CASE("a new destination of a long-known program is evidence, of a young one not") {
  BeaconBench bench;
  const auto agent = program("/opt/agent");
  bench.contact(agent, "usual.example");
  bench.now += 20 * kDay;
  const auto slot = bench.contact(agent, "new.example").key;
  CHECK(bench.evidence(slot).has(Evidence::kNewPair));
  // By another port it went there before.
  CHECK_FALSE(
      bench.evidence(bench.contact(agent, "usual.example", 80).key).has(Evidence::kNewPair));
  bench.now += 8 * kDay;
  CHECK_FALSE(bench.evidence(slot).has(Evidence::kNewPair));
  auto young = program("/opt/young");
  young.known_ns = bench.now - 3 * kDay;
  CHECK_FALSE(bench.evidence(bench.contact(young, "new.example").key).has(Evidence::kNewPair));
}

TEST_CASE("ages become evidence only while they are young, and unknown age never") {
  BeaconBench bench;
  auto agent = program("/opt/agent");
  const auto evidence = [&] { return bench.evidence(bench.contact(agent, "c2.example").key); };
  CHECK_FALSE(evidence().has(Evidence::kNewProgram));
  agent.appeared_ns = kStart;
  CHECK(evidence().has(Evidence::kNewProgram));
  bench.now += 2 * kDay;
  CHECK_FALSE(evidence().has(Evidence::kNewProgram));
  CHECK(evidence().has(Evidence::kYoungProgram));
  bench.now += 6 * kDay;
  CHECK_FALSE(evidence().has(Evidence::kYoungProgram));
  agent.appeared_ns = agent.changed_ns = bench.now;
  CHECK(evidence().has(Evidence::kContentChanged));
  CHECK_FALSE(evidence().has(Evidence::kNewProgram));  // a new version is no newcomer
  bench.now += 31 * kDay;
  CHECK_FALSE(evidence().has(Evidence::kContentChanged));
}

TEST_CASE("thirty contacts in ten minutes to where nobody else goes are told") {
  BeaconBench bench;
  const auto agent = program("/opt/agent");
  BeaconTable::Slot slot = 0;
  for (int i = 0; i < 30; ++i, bench.now += 3 * kNsPerSecond)
    slot = bench.contact(agent, "c2.example").key;
  CHECK(bench.evidence(slot).has(Evidence::kChattyRare));
  bench.contact(program("/opt/other"), "c2.example");
  CHECK_FALSE(bench.evidence(slot).has(Evidence::kChattyRare));
}

TEST_CASE("rotating destinations are seen in the roll-up, a single one is not seen twice") {
  BeaconBench bench;
  const auto agent = program("/opt/agent");
  for (int i = 0; i < 60; ++i, bench.now += 300 * kNsPerSecond) {
    const auto filed = bench.contact(agent, fmt::format("d{}.example", i));
    const auto assessment = bench.table.assess(filed.roll_up, bench.now);
    if (i == 59) {
      CHECK(assessment.score.beacon > 0.8);
      CHECK(bench.table.speaks_for_itself(bench.table.key(filed.roll_up)));
    }
  }
  const auto single = program("/opt/single");
  BeaconTable::Filed filed;
  for (int i = 0; i < 60; ++i, bench.now += 300 * kNsPerSecond) {
    filed = bench.contact(single, "c2.example");
    bench.table.assess(filed.key, bench.now);
  }
  CHECK_FALSE(bench.table.speaks_for_itself(bench.table.key(filed.roll_up)));
}

TEST_CASE("beyond the quota a program's own rarest destinations go, counted") {
  BeaconBench bench({.destinations_max = 8});
  const auto agent = program("/opt/agent");
  for (int i = 0; i < 20; ++i, bench.now += kNsPerSecond)
    bench.contact(agent, fmt::format("d{}.example", i));
  CHECK(bench.table.counters().beyond_quota == 13);  // the roll-up is one of the eight
  CHECK(bench.table.size() == 8);
  CHECK(bench.remembers("d19.example"));
  CHECK_FALSE(bench.remembers("d0.example"));
}

TEST_CASE("junk destinations do not hide the one that is called again and again") {
  BeaconBench bench({.destinations_max = 8});
  const auto agent = program("/opt/agent");
  int junk = 0;
  BeaconTable::Slot slot = 0;
  for (int i = 0; i < 12; ++i) {
    bench.now = kStart + i * 60 * kNsPerSecond;
    for (int n = 0; n < (i < 3 ? 5 : 50); ++n, bench.now += kNsPerSecond / 2)
      bench.contact(agent, fmt::format("junk-{}.example", junk++));
    bench.now = kStart + (i * 60 + 30) * kNsPerSecond;
    slot = bench.contact(agent, "c2.example").key;
  }
  CHECK(bench.table.key(slot).timing.contacts() == 12);
  CHECK(bench.table.assess(slot, bench.now).score.beacon > 0.5);
}

TEST_CASE("a popular name that only the program says speaks for nothing") {
  BeaconBench bench(
      {.classify = [](const std::string&) { return DestinationClass{.popular = true}; }});
  const auto agent = program("/opt/agent");
  const auto led = bench.contact(agent, "popular.example").key;
  CHECK(bench.evidence(led).has(Evidence::kPopular));
  const auto said = bench.table.file({.time_ns = bench.now,
                                      .subject = agent,
                                      .container = "",
                                      .destination = "other-popular.example",
                                      .port = 443,
                                      .name_said_only = true});
  CHECK_FALSE(bench.evidence(said.key).has(Evidence::kPopular));
}

TEST_CASE("the course of the scores is kept where it is asked for, bounded") {
  BeaconOptions options;
  options.course = true;
  BeaconBench bench(std::move(options));
  const auto x = program("/tmp/x");
  BeaconTable::Slot slot = 0;
  for (int i = 0; i < 3'000; ++i, bench.now += (1 + i % 100 / 50 * (i % 7)) * 60 * kNsPerSecond) {
    slot = bench.contact(x, "c2.example").key;
    bench.table.assess(slot, bench.now);
  }
  const auto course = bench.table.course(slot);
  REQUIRE(course.size() > 2);
  CHECK(course.size() <= limits::kBeaconCoursePointsMax);
  CHECK(course.front().time_ns == kStart);
  for (std::size_t i = 1; i < course.size(); ++i) CHECK(course[i - 1].time_ns < course[i].time_ns);
  CHECK(BeaconBench().table.course(0).empty());
}

TEST_CASE("each level is crossed once") {
  BeaconBench bench;
  auto agent = program("/tmp/x");
  agent.image.add(Evidence::kUnowned).add(Evidence::kTempFolder).add(Evidence::kMemoryOrDeleted);
  int news = 0;
  BeaconTable::Slot slot = 0;
  for (int i = 0; i < 40; ++i, bench.now += 60 * kNsPerSecond) {
    slot = bench.contact(agent, "c2.example").key;
    news += bench.table.cross(slot, bench.table.assess(slot, bench.now), bench.now) ? 1 : 0;
  }
  CHECK(news == 1);
  const auto finding = bench.table.finding(slot, bench.table.assess(slot, bench.now));
  CHECK(finding.verdict == BeaconLevel::kNotice);
  CHECK(finding.crossed_episode[0] >= 7);
  CHECK(finding.crossed_ns[1] == 0);
}

// ---- Room

TEST_CASE("in a full table packaged programs' keys go first, the longest unheard of them") {
  BeaconBench bench({.keys_max = 10});
  const auto pinned = program("/home/u/x");
  const auto owned = program("/usr/bin/o", true);
  bench.contact(pinned, "pinned.example");  // and its roll-up
  for (int i = 0; i < 7; ++i, bench.now += kNsPerSecond)
    bench.contact(owned, fmt::format("o{}.example", i));  // and theirs
  bench.contact(owned, "o0.example");
  bench.contact(program("/home/u/y"), "y.example");
  CHECK(bench.table.size() == 10);
  CHECK(bench.remembers("pinned.example"));
  CHECK(bench.remembers("y.example"));
  CHECK(bench.remembers("o0.example"));
  CHECK_FALSE(bench.remembers("o1.example"));
  CHECK(bench.table.counters().evicted_owned == 2);
  CHECK(bench.table.counters().evicted_pinned == 0);
}

TEST_CASE("a flood by programs nobody owns costs the longest unheard, counted") {
  BeaconBench bench;
  auto beacon = program("/home/u/beacon");
  BeaconTable::Slot slot = 0;
  int flood = 0;
  for (int i = 0; i < 40; ++i, bench.now += 60 * kNsPerSecond) {
    slot = bench.contact(beacon, "c2.example").key;
    for (int n = 0; n < 600; ++n, ++flood)
      bench.contact(program(fmt::format("/tmp/f{}", flood / 200)),
                    fmt::format("{}.example", flood));
  }
  CHECK(bench.table.size() == limits::kBeaconKeysMax);
  CHECK(bench.table.counters().evicted_pinned > 5'000);
  // What is still talking outlives what spoke once.
  CHECK(bench.remembers("c2.example"));
  CHECK(bench.table.assess(slot, bench.now).score.timing == 1);
  // A program that lost destinations is no longer told that one is new.
  CHECK(bench.table.find_subject(program("/tmp/f0").id) == nullptr);
}

TEST_CASE("after keys went for room, no destination of that program is called new") {
  BeaconBench bench({.keys_max = 10});
  const auto owned = program("/usr/bin/o", true);
  for (int i = 0; i < 20; ++i, bench.now += kNsPerSecond)
    bench.contact(owned, fmt::format("o{}.example", i));
  bench.now += 20 * kDay;
  CHECK_FALSE(bench.evidence(bench.contact(owned, "o1.example").key).has(Evidence::kNewPair));
}

TEST_CASE("the smallest table survives anything") {
  BeaconBench bench({.keys_max = 1});
  for (int i = 0; i < 50; ++i) {
    const auto filed =
        bench.contact(program(fmt::format("/p{}", i % 3), i % 2 == 0), fmt::format("d{}", i % 5));
    if (filed.key != BeaconTable::kNone) bench.table.assess(filed.key, bench.now);
    if (filed.roll_up != BeaconTable::kNone) bench.table.assess(filed.roll_up, bench.now);
    CHECK(bench.table.size() <= 1);
  }
}
