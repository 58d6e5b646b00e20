// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "proof/proof_round.hpp"

#include "proof/proof_limits.hpp"
#include "support/test.hpp"

using namespace tocsin;

namespace {

constexpr BootNs kStart = 1'000'000'000;
constexpr BootNs kWait = limits::kProofWaitNs;

const ActionProof& of(const ActionProofs& proofs, CanaryAction action) {
  return proofs[static_cast<std::size_t>(action)];
}

CanaryReport did(CanaryAction action, BootNs at) {
  return {.action = action, .did_ns = at, .cannot_why = {}};
}

// All did something, and came back 1 ms later.
void all_but(ProofRound& round, CanaryAction left_out) {
  for (std::size_t i = 0; i < kCanaryActions; ++i) {
    round.reported(did(canary_action(i), kStart));
    if (canary_action(i) != left_out) round.alarmed(canary_action(i), kStart + 1'000'000);
  }
}

}  // namespace

TEST_CASE("a sight before its report counts like one behind it", "[proof]") {
  for (const bool sight_first : {true, false}) {
    ProofRound round({});
    if (sight_first) round.alarmed(CanaryAction::kTcp, kStart + 300'000);
    round.reported(did(CanaryAction::kTcp, kStart));
    if (!sight_first) round.alarmed(CanaryAction::kTcp, kStart + 300'000);
    const auto verdict = round.verdict();
    const auto& tcp = of(verdict, CanaryAction::kTcp);
    CHECK(tcp.state == ProofState::kProved);
    CHECK((tcp.performed && tcp.seen && tcp.alarm));
    CHECK(tcp.delay_ns == 300'000U);
  }
}

TEST_CASE("the first sight is the one that is timed", "[proof]") {
  ProofRound round({});
  round.reported(did(CanaryAction::kUdp, kStart));
  round.saw(CanaryAction::kUdp, kStart + 1);
  round.alarmed(CanaryAction::kUdp, kStart + 5);
  round.alarmed(CanaryAction::kUdp, kStart + 9);
  CHECK(of(round.verdict(), CanaryAction::kUdp).delay_ns == 5U);
}

TEST_CASE("a proof is over when all came, and not before the canary has ended", "[proof]") {
  ProofRound round({});
  all_but(round, CanaryAction::kExec);
  CHECK_FALSE(round.over(kStart + kWait * 10));
  round.ended("ended well");
  CHECK_FALSE(round.over(kStart + 2));
  round.alarmed(CanaryAction::kExec, kStart + 3);
  CHECK(round.over(kStart + 3));
}

TEST_CASE("what was done and does not come has its time, then it is unseen", "[proof]") {
  ProofRound round({});
  all_but(round, CanaryAction::kIoUring);
  round.ended("ended well");
  CHECK_FALSE(round.over(kStart + kWait - 1));
  CHECK(round.over(kStart + kWait));
  const auto verdict = round.verdict();
  const auto& uring = of(verdict, CanaryAction::kIoUring);
  CHECK(uring.state == ProofState::kUnseen);
  CHECK(uring.performed);
  CHECK_FALSE(uring.delay_ns);
  CHECK(of(verdict, CanaryAction::kTcp).state == ProofState::kProved);
}

TEST_CASE("a sight without the match that is due is no alarm", "[proof]") {
  ProofRound::Dues dues;
  dues[static_cast<std::size_t>(CanaryAction::kUdp)].alarm = false;  // its indicator is not loaded
  ProofRound round(dues);
  for (const auto action : {CanaryAction::kTcp, CanaryAction::kUdp}) {
    round.reported(did(action, kStart));
    round.saw(action, kStart + 4);
  }
  const auto verdict = round.verdict();
  CHECK(of(verdict, CanaryAction::kTcp).state == ProofState::kNoAlarm);
  CHECK(of(verdict, CanaryAction::kTcp).alarm_due);
  CHECK(of(verdict, CanaryAction::kUdp).state == ProofState::kProved);
  CHECK_FALSE(of(verdict, CanaryAction::kUdp).alarm_due);
  CHECK(of(verdict, CanaryAction::kUdp).delay_ns == 4U);
}

TEST_CASE("what cannot be done here is not provable, with the reason", "[proof]") {
  ProofRound::Dues dues;
  dues[static_cast<std::size_t>(CanaryAction::kLibrary)].excused = "no hook";
  ProofRound round(dues);
  CHECK_FALSE(round.asks_for(CanaryAction::kLibrary));
  CHECK(round.asks_for(CanaryAction::kTcp));
  // Announced, then refused by the kernel.
  round.reported(did(CanaryAction::kIoUring, kStart));
  round.reported({.action = CanaryAction::kIoUring, .did_ns = 0, .cannot_why = "ENOSYS"});
  round.ended("was ended by signal 9");
  CHECK(round.over(kStart + 1));
  const auto verdict = round.verdict();
  for (const auto& one : verdict) CHECK(one.state == ProofState::kNotProvable);
  CHECK(of(verdict, CanaryAction::kLibrary).reason == "no hook");
  CHECK(of(verdict, CanaryAction::kIoUring).reason == "ENOSYS");
  CHECK_FALSE(of(verdict, CanaryAction::kIoUring).performed);
  CHECK(of(verdict, CanaryAction::kTcp).reason ==
        "the canary did not come so far: it was ended by signal 9");
}
