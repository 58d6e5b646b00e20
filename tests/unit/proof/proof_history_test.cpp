// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "proof/proof_history.hpp"

#include "proof/proof_limits.hpp"
#include "support/test.hpp"

using namespace tocsin;

namespace {

// One in which every action has this state.
Proof proof_of(ProofState state, std::uint64_t delay_ns = 1) {
  Proof out;
  out.started_ns = 42;
  for (auto& action : out.actions) {
    action.state = state;
    action.performed = state != ProofState::kNotProvable;
    if (state == ProofState::kProved) action.delay_ns = delay_ns;
  }
  return out;
}

Proof with(CanaryAction action, ProofState state) {
  auto out = proof_of(ProofState::kProved);
  out.actions[static_cast<std::size_t>(action)].state = state;
  out.actions[static_cast<std::size_t>(action)].delay_ns.reset();
  return out;
}

}  // namespace

TEST_CASE("blindness is told once, and its end once", "[proof]") {
  ProofHistory history;
  CHECK(history.add(proof_of(ProofState::kProved)).empty());
  const auto unseen = with(CanaryAction::kIoUring, ProofState::kUnseen);
  const auto news = history.add(unseen);
  REQUIRE(news.size() == 1);
  CHECK(news[0].severity == Severity::kMedium);
  CHECK(news[0].message ==
        "the canary's io_uring connect was not seen within 5 s: connects by io_uring may be "
        "invisible now");
  CHECK(history.blind(CanaryAction::kIoUring));
  CHECK_FALSE(history.blind(CanaryAction::kTcp));
  CHECK(history.add(unseen).empty());
  // Not tried says nothing about seeing.
  CHECK(history.add(with(CanaryAction::kIoUring, ProofState::kNotProvable)).empty());
  CHECK(history.blind(CanaryAction::kIoUring));
  const auto again = history.add(proof_of(ProofState::kProved));
  REQUIRE(again.size() == 1);
  CHECK(again[0].severity == Severity::kInfo);
  CHECK(again[0].message == "the canary's io_uring connect is seen again");
  CHECK_FALSE(history.blind(CanaryAction::kIoUring));
  CHECK(history.add(unseen).size() == 1);
}

TEST_CASE("a sight whose indicator did not match is blindness of its own kind", "[proof]") {
  ProofHistory history;
  const auto news = history.add(with(CanaryAction::kExec, ProofState::kNoAlarm));
  REQUIRE(news.size() == 1);
  CHECK(news[0].message.find("its indicator did not match") != std::string::npos);
  CHECK(history.blind(CanaryAction::kExec));
}

TEST_CASE("what is not provable here alarms nobody", "[proof]") {
  ProofHistory history;
  CHECK(history.add(proof_of(ProofState::kNotProvable)).empty());
  for (std::size_t i = 0; i < kCanaryActions; ++i) CHECK_FALSE(history.blind(canary_action(i)));
}

TEST_CASE("a canary that cannot be started is told once", "[proof]") {
  ProofHistory history;
  CHECK(history.last_good_ns() == 0);
  auto broken = proof_of(ProofState::kNotProvable);
  broken.trouble = "no such program";
  const auto news = history.add(broken);
  REQUIRE(news.size() == 1);
  CHECK(news[0].message == "whether this monitor sees could not be proved: no such program");
  CHECK(history.add(broken).empty());
  CHECK(history.last_good_ns() == 0);
  history.add(proof_of(ProofState::kProved));
  CHECK(history.last_good_ns() == 42);
  CHECK(history.add(broken).size() == 1);
  CHECK(history.proofs() == 4);
}

TEST_CASE("percentiles are of the nearest rank and of the latest delays", "[proof]") {
  ProofHistory history;
  CHECK(history.delays(CanaryAction::kTcp).count == 0);
  history.add(proof_of(ProofState::kProved, 7));
  const auto one = history.delays(CanaryAction::kTcp);
  CHECK((one.p50_ns == 7 && one.p95_ns == 7 && one.p99_ns == 7));
  for (std::uint64_t i = 0; i < 100; ++i) history.add(proof_of(ProofState::kUnseen));
  CHECK(history.delays(CanaryAction::kTcp).count == 1);
  // 1 to 200, largest first.
  ProofHistory many;
  for (std::uint64_t ns = 200; ns > 0; --ns) many.add(proof_of(ProofState::kProved, ns));
  const auto delays = many.delays(CanaryAction::kExec);
  CHECK(delays.count == 200);
  CHECK(delays.p50_ns == 100);
  CHECK(delays.p95_ns == 190);
  CHECK(delays.p99_ns == 198);
  for (std::size_t i = 0; i < limits::kProofDelaysKept; ++i)
    many.add(proof_of(ProofState::kProved, 1'000));
  CHECK(many.delays(CanaryAction::kExec).count == limits::kProofDelaysKept);
  CHECK(many.delays(CanaryAction::kExec).p50_ns == 1'000);
}
