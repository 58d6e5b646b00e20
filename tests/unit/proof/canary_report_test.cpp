// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "proof/canary_report.hpp"

#include "support/test.hpp"

using namespace tocsin;

TEST_CASE("a line of the canary's report", "[proof]") {
  const auto did = parse_canary_report("did io_uring 27467010739697");
  REQUIRE(did);
  CHECK(did->action == CanaryAction::kIoUring);
  CHECK(did->did_ns == 27'467'010'739'697);
  CHECK(did->cannot_why.empty());
  const auto cannot = parse_canary_report("cannot dns-answer unshare: Operation not permitted");
  REQUIRE(cannot);
  CHECK(cannot->action == CanaryAction::kDnsAnswer);
  CHECK(cannot->did_ns == 0);
  CHECK(cannot->cannot_why == "unshare: Operation not permitted");
}

TEST_CASE("every action has a name of its own", "[proof]") {
  for (std::size_t i = 0; i < kCanaryActions; ++i) {
    const auto action = canary_action(i);
    const auto report = parse_canary_report("did " + std::string(to_string(action)) + " 7");
    REQUIRE(report);
    CHECK(report->action == action);
  }
}

TEST_CASE("lines that the canary does not write are refused", "[proof]") {
  for (const auto* line :
       {"", "did", "did tcp", "did tcp 0", "did tcp -1", "did tcp 1x", "did tcp 1 2",
        "did tcp 99999999999999999999999", "did sctp 7", "cannot", "cannot tcp", "cannot tcp ",
        "saw tcp 7", "DID tcp 7", " did tcp 7", "did  tcp 7"}) {
    INFO(line);
    CHECK_FALSE(parse_canary_report(line));
  }
}

TEST_CASE("a reason is safe to show and short", "[proof]") {
  const auto report = parse_canary_report("cannot tcp \x1b[31m" + std::string(5000, 'x'));
  REQUIRE(report);
  CHECK(report->cannot_why.find('\x1b') == std::string::npos);
  CHECK(report->cannot_why.size() < 300);
}
