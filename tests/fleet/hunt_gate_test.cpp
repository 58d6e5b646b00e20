// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "fleet/hunt_gate.hpp"

#include "fleet/hunt_limits.hpp"
#include "support/hunt_fixture.hpp"
#include "support/temp_dir.hpp"

using namespace tocsin;
using namespace tocsin::fleet;
using namespace tocsin::test;

namespace {

struct Host {
  TempDir dir;
  VirtualClock clock;
  Ed25519Key key = Ed25519Key::generate().value();
  Host() { clock.advance_to(kHuntNow); }
  Result<HuntGate> gate() const {
    return HuntGate::open({"main", {key.public_key()}, dir / "hunts.json"}, clock);
  }
  std::string ask(const HuntQuestion& question) const {
    return sign_question(question, key).value();
  }
};

ErrorCode refusal(HuntGate& gate, const std::string& bytes) {
  const auto admitted = gate.admit(bytes);
  return admitted ? ErrorCode::kInternal : admitted.error().code;
}

}  // namespace

TEST_CASE("a question is answered once, also over restarts", "[fleet]") {
  Host host;
  const auto bytes = host.ask(ask_about({"example.test"}));
  {
    auto gate = host.gate().value();
    const auto asked = gate.admit(bytes).value();
    CHECK(refusal(gate, bytes) == ErrorCode::kNotFound);  // it waits
    REQUIRE(gate.remember(asked.question));
    CHECK(refusal(gate, bytes) == ErrorCode::kNotFound);
    CHECK(gate.counts().answered == 1);
    CHECK(gate.counts().repeated == 2);
  }
  auto gate = host.gate().value();
  CHECK(refusal(gate, bytes) == ErrorCode::kNotFound);
  // Not answered, because it could not be: it may come again.
  const auto again = gate.admit(host.ask(ask_about({"other.test"}))).value();
  gate.forget(again.question);
  CHECK(gate.admit(host.ask(again.question)));
  // After its expiry it is refused for that.
  host.clock.advance_to(kHuntNow + 8 * 86'400 * kNsPerSecond);
  CHECK(refusal(gate, bytes) == ErrorCode::kInvalidInput);
}

TEST_CASE("a question for other hosts or another time is refused", "[fleet]") {
  const Host host;
  auto gate = host.gate().value();
  auto question = ask_about({"example.test"});
  question.site = "other";
  CHECK(refusal(gate, host.ask(question)) == ErrorCode::kInvalidInput);
  CHECK(refusal(gate, host.ask(ask_about({"a.test"}, kHuntNow + 3'600 * kNsPerSecond))) ==
        ErrorCode::kBusy);
  CHECK(refusal(gate, host.ask(ask_about({"a.test"}, kHuntNow - 7 * 86'400 * kNsPerSecond))) ==
        ErrorCode::kInvalidInput);
  CHECK(gate.counts().refused == 3);
  const auto stranger = Ed25519Key::generate().value();
  CHECK(refusal(gate, sign_question(ask_about({"a.test"}), stranger).value()) ==
        ErrorCode::kPermission);
  CHECK(gate.counts().unsigned_ == 1);
}

TEST_CASE("only so many questions are answered in a minute", "[fleet]") {
  Host host;
  auto gate = host.gate().value();
  for (std::uint64_t i = 0; i < limits::kQuestionsAMinute; ++i) CHECK(gate.take_turn());
  CHECK_FALSE(gate.take_turn());
  host.clock.advance_to(kHuntNow + 59 * kNsPerSecond);
  CHECK_FALSE(gate.take_turn());
  host.clock.advance_to(kHuntNow + 60 * kNsPerSecond);
  CHECK(gate.take_turn());
}

TEST_CASE("only so many questions are remembered, and none is forgotten for another", "[fleet]") {
  Host host;
  const auto first = host.ask(ask_about({"example.test"}));
  std::string file = "{";
  for (std::size_t i = 0; i < limits::kQuestionsRememberedMax; ++i)
    file += (i > 0 ? ",\"" : "\"") + new_hunt_id(kHuntNow) + "\":1795600000";
  host.dir.write("hunts.json", file + "}");
  auto gate = host.gate().value();
  CHECK(refusal(gate, first) == ErrorCode::kLimit);
  host.clock.advance_to(1'795'600'000LL * kNsPerSecond);
  CHECK(gate.admit(host.ask(ask_about({"a.test"}, 1'795'600'000LL * kNsPerSecond))));
}

TEST_CASE("a damaged memory is an error, not an empty one", "[fleet]") {
  const Host host;
  for (const char* text : {"[]", "{\"x\":1}", "{", "{\"01aaaaaaaaaaaaaaaaaaaaaaaa\":-1}"}) {
    host.dir.write("hunts.json", text);
    CHECK(host.gate().error().code == ErrorCode::kInvalidInput);
  }
}
