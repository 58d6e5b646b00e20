// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/watchdog.hpp"

#include "proof/proof_limits.hpp"
#include "support/notify_socket.hpp"
#include "support/test.hpp"

using namespace tocsin;
using namespace tocsin::test;

namespace {

Proof proof_with_tcp(ProofState state) {
  Proof out;
  auto& tcp = out.actions[static_cast<std::size_t>(CanaryAction::kTcp)];
  tcp.state = state;
  tcp.performed = true;
  return out;
}

void prove(ProofHistory& history, ProofState state, std::uint32_t times = 1) {
  for (std::uint32_t i = 0; i < times; ++i) history.add(proof_with_tcp(state));
}

}  // namespace

TEST_CASE("the watchdog is fed each second while proofs come through", "[watchdog]") {
  const NotifySocket manager(60);
  Watchdog watchdog(300);
  ProofHistory history;
  for (int i = 0; i < 5; ++i) {
    CHECK_FALSE(watchdog.second(history));
    CHECK(manager.take() == "WATCHDOG=1");
    prove(history, ProofState::kProved);
  }
}

TEST_CASE("what was seen before and is gone starves the watchdog, and is told once", "[watchdog]") {
  const NotifySocket manager(60);
  Watchdog watchdog(300);
  ProofHistory history;
  prove(history, ProofState::kProved);
  prove(history, ProofState::kUnseen, limits::kProofsUntilGone - 1);
  CHECK_FALSE(watchdog.second(history));
  CHECK(manager.take() == "WATCHDOG=1");
  prove(history, ProofState::kUnseen);
  const auto told = watchdog.second(history);
  REQUIRE(told);
  CHECK(told->starts_with("the canary's tcp was seen before, and not in its last 3 proofs"));
  CHECK_FALSE(watchdog.second(history));
  CHECK(manager.take().empty());
  // It came back by itself before systemd lost its patience.
  prove(history, ProofState::kNoAlarm);
  CHECK_FALSE(watchdog.second(history));
  CHECK(manager.take() == "WATCHDOG=1");
}

TEST_CASE("what never came through is no reason to start anew", "[watchdog]") {
  const NotifySocket manager(60);
  Watchdog watchdog(300);
  ProofHistory history;
  prove(history, ProofState::kUnseen, 10 * limits::kProofsUntilGone);
  CHECK_FALSE(watchdog.second(history));
  CHECK(manager.take() == "WATCHDOG=1");
}

TEST_CASE("proofs that do not end starve the watchdog, unless none are wanted", "[watchdog]") {
  const NotifySocket manager(60);
  const ProofHistory history;
  Watchdog proving(10), silent(0);
  bool told = false;
  for (int i = 0; i < 100; ++i) {
    const bool starved = proving.second(history).has_value();
    told = told || starved;
    CHECK(manager.take().empty() == told);
  }
  CHECK(told);
  CHECK_FALSE(proving.second(history));
  CHECK(manager.take().empty());
  for (int i = 0; i < 1000; ++i) {
    CHECK_FALSE(silent.second(history));
    CHECK(manager.take() == "WATCHDOG=1");
  }
}

TEST_CASE("without a service manager that waits, nobody is fed", "[watchdog]") {
  const NotifySocket manager(0);
  Watchdog watchdog(300);
  ProofHistory history;
  prove(history, ProofState::kProved);
  prove(history, ProofState::kUnseen, limits::kProofsUntilGone);
  CHECK_FALSE(watchdog.second(history));
  CHECK(manager.take().empty());
}
