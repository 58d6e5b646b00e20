// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/loss_ledger.hpp"
#include "daemon/loss_watch.hpp"
#include "support/test.hpp"

using namespace tocsin;

namespace {

constexpr WallNs kMinute = 60 * kNsPerSecond;

}  // namespace

TEST_CASE("each loss is told once, by stage") {
  LossWatch watch;
  watch.observe("ring/exec", 0);
  CHECK(watch.take(1).empty());
  watch.observe("ring/exec", 5);
  watch.observe("hash/queue-full", 2);
  const auto first = watch.take(10);
  REQUIRE(first.size() == 2);
  CHECK(watch.take(11).empty());
  watch.observe("ring/exec", 9);
  watch.observe("ring/exec", 3);  // a counter that was read late does not give loss back
  const auto second = watch.take(12);
  REQUIRE(second.size() == 1);
  CHECK(second[0].count == 4);
  CHECK(second[0].stage == "ring/exec");
}

TEST_CASE("a verdict names the losses of its own period only") {
  LossLedger ledger;
  ledger.add({10 * kMinute, "ring/exec", 3});
  ledger.add({20 * kMinute, "ring/exec", 4});
  ledger.add({20 * kMinute + 5, "ring/connect", 1});
  CHECK(ledger.since(30 * kMinute).lost.empty());
  const auto recent = ledger.since(20 * kMinute);
  REQUIRE(recent.lost.size() == 2);
  CHECK(recent.lost[0].stage == "ring/connect");
  CHECK(recent.lost[1].count == 4);
  CHECK(ledger.since(0).lost[1].count == 7);
  CHECK(ledger.totals().at("ring/exec") == 7);
}

TEST_CASE("losses older than a day stay in the totals only") {
  LossLedger ledger;
  ledger.add({10 * kMinute, "ring/exec", 3});
  ledger.add({(10 + 25 * 60) * kMinute, "ring/exec", 1});
  CHECK(ledger.since(0).lost[0].count == 1);
  CHECK(ledger.totals().at("ring/exec") == 4);
}
