// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "history/coverage.hpp"

#include <string>

#include "history/history_limits.hpp"
#include "support/history_builder.hpp"
#include "support/test.hpp"

using namespace tocsin;
using namespace tocsin::test;

namespace {

constexpr WallNs kNow = kHistoryStart + 10 * kDay;

Coverage coverage_of(const HistoryBuilder& built, std::optional<WallNs> since = std::nullopt,
                     WallNs now = kNow) {
  auto reader = built.reader();
  auto out = read_coverage(reader, {since, now});
  REQUIRE(out);
  return std::move(*out);
}

}  // namespace

TEST_CASE("a daemon that runs covers up to now, a killed one up to its last sign", "[hunt]") {
  const TempDir dir;
  HistoryBuilder built(dir / "history");
  built.run({kHistoryStart, kHistoryStart + kDay, kHistoryStart + kDay});
  built.run({kHistoryStart + 2 * kDay, kHistoryStart + 3 * kDay, {}});  // kill -9
  built.run({kHistoryStart + 4 * kDay, kNow - kNsPerSecond, {}});       // it runs
  const auto all = coverage_of(built);
  CHECK(all.from_ns == kHistoryStart);
  CHECK(all.to_ns == kNow);
  CHECK(all.runs == 3);
  REQUIRE(all.gaps.size() == 2);
  CHECK_FALSE(all.gaps[0].begin_unknown);
  CHECK(all.gaps[1].begin_unknown);
  CHECK(all.gap_ns == 2 * kDay);
  CHECK(all.watched_ns() == 8 * kDay);

  const auto late = coverage_of(built, kHistoryStart + 3 * kDay + kHour);
  CHECK(late.runs == 1);
  REQUIRE(late.gaps.size() == 1);
  CHECK(late.gaps[0].from_ns == kHistoryStart + 3 * kDay + kHour);
  CHECK(late.gap_ns == 23 * kHour);

  // Without a daemon: nobody has looked since.
  const auto stopped = coverage_of(built, std::nullopt, kNow + kDay);
  CHECK(stopped.gaps.back().to_ns == kNow + kDay);
  CHECK(stopped.gaps.back().begin_unknown);
}

TEST_CASE("a period that has ended is judged by what was in it", "[hunt]") {
  const TempDir dir;
  HistoryBuilder built(dir / "history");
  built.run({kHistoryStart, kHistoryStart + kDay, kHistoryStart + kDay});
  built.run({kHistoryStart + 4 * kDay, kNow - kNsPerSecond, {}});  // it runs
  auto reader = built.reader();
  const auto period = [&](WallNs since, WallNs until) {
    return read_coverage(reader, {since, kNow, until}).value();
  };
  const auto first = period(kHistoryStart, kHistoryStart + kDay);
  CHECK(first.to_ns == kHistoryStart + kDay);
  CHECK(first.gap_count == 0);
  const auto between = period(kHistoryStart + 2 * kDay, kHistoryStart + 3 * kDay);
  CHECK(between.runs == 0);
  CHECK(between.gap_ns == kDay);
  const auto running = period(kHistoryStart + 5 * kDay, kHistoryStart + 6 * kDay);
  CHECK(running.runs == 1);
  CHECK(running.gap_count == 0);
  CHECK(period(kHistoryStart, kNow + kDay).to_ns == kNow);  // not beyond now
}

TEST_CASE("runs that overlap after a step of the clock make no gap", "[hunt]") {
  const TempDir dir;
  HistoryBuilder built(dir / "history");
  built.run({kHistoryStart, kHistoryStart + 5 * kDay, kHistoryStart + 5 * kDay});
  built.run({kHistoryStart + kDay, kHistoryStart + 2 * kDay, kHistoryStart + 2 * kDay});
  built.run({kHistoryStart + 5 * kDay, kNow, {}});
  const auto out = coverage_of(built);
  CHECK(out.gap_count == 0);
  CHECK(out.watched_ns() == 10 * kDay);
}

TEST_CASE("a run that began with the clock ahead covers from what it saw first", "[hunt]") {
  const TempDir dir;
  HistoryBuilder built(dir / "history");
  built.run({kHistoryStart, kHistoryStart + kDay, kHistoryStart + kDay});
  built.run({kNow + 3 * kHour, kNow + 3 * kHour, {}});  // set back since, and it runs
  built.name("a.example", kHistoryStart, kNow);
  auto out = coverage_of(built, kNow - kHour);
  CHECK(out.runs == 1);  // it did not see anything before now that is known
  CHECK(out.gap_ns == kHour);
  built.name("b.example", kNow - 2 * kHour, kNow);
  out = coverage_of(built);
  CHECK(out.runs == 2);
  CHECK(out.gap_ns == 9 * kDay - 2 * kHour);
  // It is the last that began which runs, whatever its clock said.
  built.run({kNow - kHour, kNow - 20 * kNsPerSecond, {}});
  CHECK(coverage_of(built, kNow - kHour).gap_count == 0);
}

TEST_CASE("what was lost, not hashed and known not to be seen is told", "[hunt]") {
  const TempDir dir;
  HistoryBuilder built(dir / "history");
  const auto minute = [](WallNs at) { return std::to_string(at / (60 * kNsPerSecond)); };
  const auto early = minute(kHistoryStart + kHour), late = minute(kNow - kHour);
  built.run({kHistoryStart, kNow, {}, R"({"packet":"missing: x","exec":"tp_btf/y"})"});
  built.sql("INSERT INTO lost VALUES(" + early + ",'ring/connect',300),(" + late +
            ",'ring/connect',11)");
  built.sql("INSERT INTO hashed VALUES(" + early + ",'proc-exe',5),(" + late + ",'gone',14)");
  built.sql("INSERT INTO blind VALUES(" + std::to_string(kHistoryStart) + "," +
            std::to_string(kHistoryStart + kHour) + ",'dns')");
  const auto all = coverage_of(built);
  CHECK(all.lost.at("ring/connect") == 311);
  CHECK(all.executions_not_hashed() == 14);
  CHECK(all.hashed.at("proc-exe") == 5);
  CHECK(all.blind_count == 1);
  CHECK(all.never_had("packet"));
  CHECK_FALSE(all.never_had("exec"));
  const auto tail = coverage_of(built, kNow - 2 * kHour);
  CHECK(tail.lost.at("ring/connect") == 11);
  CHECK(tail.hashed.count("proc-exe") == 0);
  CHECK(tail.blind_count == 0);
}

TEST_CASE("of many gaps the longest are told one by one", "[hunt]") {
  const TempDir dir;
  HistoryBuilder built(dir / "history");
  constexpr WallNs kGaps = 100;
  for (WallNs i = 0; i <= kGaps; ++i) {
    const auto start = kHistoryStart + i * kHour;
    const auto stop = start + kHour - (i + 1) * kNsPerSecond;
    built.run({start, stop, stop});
  }
  const auto out = coverage_of(built, std::nullopt, kHistoryStart + kGaps * kHour);
  CHECK(out.gap_count == kGaps);
  CHECK(out.gap_ns == kGaps * (kGaps + 1) / 2 * kNsPerSecond);
  REQUIRE(out.gaps.size() == limits::kCoverageGapsMax);
  CHECK(out.gaps.back().to_ns - out.gaps.back().from_ns == kGaps * kNsPerSecond);
  CHECK(out.gaps.front().from_ns < out.gaps.back().from_ns);
}
