// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// A small simulated population through the replay: what the engine promises stays true. The whole
// one is bench_beacon_accuracy's, its figures stand in docs/beacon-accuracy.md.
#include <algorithm>

#include "support/sim_score.hpp"
#include "support/temp_dir.hpp"
#include "support/test.hpp"

using namespace tocsin;
using namespace tocsin::test::sim;

namespace {

constexpr std::uint64_t kSeed = 500;  // not among the published ones

struct Found {
  int subjects = 0, alerts = 0;
  std::vector<int> episodes;
};

// Subjects with a shell, and how many of them reached alert.
Found found(const PlanOptions& options, int hosts) {
  Found out;
  const test::TempDir dir;
  for (int i = 0; i < hosts; ++i) {
    auto plan = options;
    plan.shell = true;
    if (!plan.kind) {  // every kind in turn but the last, the vendor's
      const auto kinds = malicious_kinds();
      plan.kind = std::string(kinds[static_cast<std::size_t>(i) % (kinds.size() - 1)]);
    }
    auto host = malicious_host(kSeed + static_cast<std::uint64_t>(i), plan);
    const auto verdict = judge(host, host.truths(), dir.path() / "host.jsonl", {});
    CHECK(verdict.false_alerts == 0);
    for (const auto& v : verdict.subjects) {
      if (!v.truth.shell) continue;
      ++out.subjects;
      out.alerts += v.reached >= BeaconLevel::kAlert ? 1 : 0;
      if (v.episodes_to_alert != 0) out.episodes.push_back(v.episodes_to_alert);
    }
  }
  std::ranges::sort(out.episodes);
  return out;
}

}  // namespace

TEST_CASE("the simulator writes the same bytes from the same seed, others from another") {
  const auto lines = [](std::uint64_t seed) { return malicious_host(seed, {}).lines(); };
  CHECK(lines(1) == lines(1));
  CHECK(lines(1) != lines(2));
  CHECK(benign_host(3, "ci-runner", 1).lines() == benign_host(3, "ci-runner", 1).lines());
}

TEST_CASE("every kind of host can be simulated, in lines without a fault, and is labelled") {
  const test::TempDir dir;
  for (const auto kind : malicious_kinds()) {
    INFO(kind);
    PlanOptions options;
    options.kind = std::string(kind);
    auto host = malicious_host(1, options);
    REQUIRE(host.truths().size() == 1);
    CHECK(host.truths()[0].malicious);
    CHECK(host.truths()[0].kind == kind);
    CHECK(judge(host, host.truths(), dir.path() / "host.jsonl", {}).events == host.events());
  }
}

TEST_CASE("what an option sets is not drawn") {
  PlanOptions options;
  options.interval_s = 60;
  options.jitter_model = "none";
  options.shell = false;
  options.count = 12;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Random random(seed);
    const auto plan = drawn_plan(options, random);
    CHECK(plan.beat.interval_s == 60);
    CHECK(plan.beat.jitter_model == Jitter::kNone);
    CHECK_FALSE(plan.shell);
    CHECK(plan.count == 12);
  }
}

TEST_CASE("one-sided jitter only shortens, symmetric does both, check-ins are lost at their rate") {
  Random random(1);
  Beat beat{.interval_s = 100, .jitter_model = Jitter::kOneSided, .jitter = 0.5};
  const auto extremes = [&] {
    const auto calls = check_ins(beat, random, 0, 1'000);
    double least = 1e9, most = 0;
    for (std::size_t i = 1; i < calls.size(); ++i) {
      least = std::min(least, calls[i].at - calls[i - 1].at);
      most = std::max(most, calls[i].at - calls[i - 1].at);
    }
    return std::pair(least, most);
  };
  auto [least, most] = extremes();
  CHECK(least == Approx(50).margin(1));
  CHECK(most == Approx(100).margin(1));
  beat.jitter_model = Jitter::kSymmetric;
  std::tie(least, most) = extremes();
  CHECK(most == Approx(150).margin(2));
  beat.lost = 0.3;
  CHECK(check_ins(beat, random, 0, 1'000).size() == Approx(700).margin(60));
}

TEST_CASE("unowned programs that open a shell are found, after few check-ins") {
  const auto outcome = found({}, 27);
  REQUIRE(outcome.subjects >= 20);
  CHECK(outcome.alerts >= 0.85 * outcome.subjects);
  REQUIRE_FALSE(outcome.episodes.empty());
  CHECK(outcome.episodes[outcome.episodes.size() / 2] <= 10);
}

TEST_CASE("a vendor's updated program that opens a shell is found") {
  PlanOptions options;
  options.kind = std::string(kVendorKind);
  const auto outcome = found(options, 10);
  REQUIRE(outcome.subjects >= 8);
  CHECK(outcome.alerts >= 0.8 * outcome.subjects);
}

TEST_CASE("honest hosts of every kind stay quiet") {
  const test::TempDir dir;
  double days = 0;
  int alerts = 0, notices = 0;
  for (const auto kind : benign_kinds()) {
    auto host = benign_host(kSeed, kind, 3);
    const auto verdict = judge(host, host.truths(), dir.path() / "host.jsonl", {});
    for (const auto& row : verdict.false_rows) UNSCOPED_INFO(row);
    days += verdict.days;
    alerts += verdict.false_alerts;
    notices += verdict.false_notices;
  }
  CHECK(alerts <= 0.05 * days);
  CHECK(notices <= 0.2 * days);
}
