// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/self_test.hpp"

#include "support/test.hpp"

using namespace tocsin;
using nlohmann::json;

namespace {

SinkStatus sink(std::uint64_t delivered, std::size_t queued) {
  SinkStatus out;
  out.name = "file";
  out.delivered = delivered;
  out.queued = queued;
  return out;
}

std::string state_of(const SinkProof& proof, const SinkStatus& now) {
  const auto verdict = proof.verdict({now});
  REQUIRE(verdict.size() == 1);
  CHECK(verdict[0].at("name") == "file");
  return verdict[0].at("state");
}

Proof passed_proof() {
  Proof proof;
  for (auto& action : proof.actions) {
    action.state = ProofState::kProved;
    action.performed = action.seen = action.alarm = true;
  }
  return proof;
}

const json kWritten = json::array({{{"state", "written"}}, {{"state", "absent"}}});

}  // namespace

TEST_CASE("a sink has written when it got past the last alert of the test", "[selftest]") {
  SinkProof proof({sink(10, 2)});
  proof.all_given({sink(11, 6)});  // 5 more than before
  CHECK_FALSE(proof.settled({sink(16, 1)}));
  CHECK(state_of(proof, sink(16, 1)) == "waiting");
  CHECK(proof.settled({sink(17, 0)}));
  CHECK(state_of(proof, sink(17, 0)) == "written");
  // Others may wait behind it.
  CHECK(proof.settled({sink(17, 30)}));
}

TEST_CASE("a sink that lost, lacks or hangs is told apart", "[selftest]") {
  SinkProof proof({sink(10, 0)});
  proof.all_given({sink(10, 3)});
  auto dropped = sink(12, 0);
  dropped.dropped = 1;
  CHECK(proof.settled({dropped}));
  CHECK(state_of(proof, dropped) == "lost");
  auto absent = sink(10, 0);
  absent.absent = 3;
  absent.health = {SinkState::kAbsent, "no journald"};
  CHECK(proof.settled({absent}));
  CHECK(state_of(proof, absent) == "absent");
  auto failing = sink(10, 3);
  failing.health = {SinkState::kFailing, "no space left"};
  CHECK(proof.verdict({failing})[0].at("detail") == "no space left");
  CHECK(state_of(proof, failing) == "waiting");
}

TEST_CASE("a sink that was given nothing has proved nothing", "[selftest]") {
  SinkProof proof({sink(10, 0)});
  proof.all_given({sink(10, 0)});
  CHECK(proof.settled({sink(10, 0)}));
  CHECK(state_of(proof, sink(10, 0)) == "nothing");
  CHECK_FALSE(self_test_passed(passed_proof(), proof.verdict({sink(10, 0)})));
}

TEST_CASE("a self-test passes when all that can be done comes, with its alarm", "[selftest]") {
  CHECK(self_test_passed(passed_proof(), kWritten));
  const auto at = [](Proof& proof, CanaryAction action) -> ActionProof& {
    return proof.actions[static_cast<std::size_t>(action)];
  };
  auto proof = passed_proof();
  at(proof, CanaryAction::kDnsAnswer) = {};  // not provable
  at(proof, CanaryAction::kLibrary).alarm = false;
  CHECK(self_test_passed(proof, kWritten));
  at(proof, CanaryAction::kTcp).alarm = false;  // seen, but nothing was due: no indicator
  CHECK_FALSE(self_test_passed(proof, kWritten));
  proof = passed_proof();
  at(proof, CanaryAction::kUdp).state = ProofState::kUnseen;
  CHECK_FALSE(self_test_passed(proof, kWritten));
  proof = passed_proof();
  proof.actions = {};  // nothing could be done: nothing is proved
  CHECK_FALSE(self_test_passed(proof, kWritten));
  proof = passed_proof();
  proof.trouble = "no canary";
  CHECK_FALSE(self_test_passed(proof, kWritten));
  for (const auto* state : {"lost", "waiting", "nothing"})
    CHECK_FALSE(self_test_passed(passed_proof(), json::array({{{"state", state}}})));
}
