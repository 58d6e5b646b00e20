// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "respond/response_policy.hpp"

#include "support/test.hpp"

namespace tocsin {
namespace {

constexpr WallNs kNow = 1'800'000'000LL * kNsPerSecond;  // 2027-01-15

ResponsePolicy policy(ResponsePolicy::Texts texts) {
  auto parsed = ResponsePolicy::parse(texts);
  REQUIRE(parsed);
  return std::move(*parsed);
}

IndicatorMatch match(std::string value, Severity severity, std::string set = "s") {
  IndicatorMatch out;
  out.matched = std::move(value);
  out.indicator.severity = severity;
  out.indicator.set = std::move(set);
  return out;
}

TEST_CASE("nothing is done by default", "[respond]") {
  const ResponsePolicy none;
  CHECK_FALSE(none.active());
  CHECK(none.decide("any", Severity::kCritical, kNow).mode == ResponseMode::kAlert);
}

TEST_CASE("a set's rule goes before those of severities, and the loudest of these counts",
          "[respond]") {
  const auto p = policy({.sets = {"quiet=alert", "a=b=deny"},
                         .severities = {"medium=kill", "critical=deny"},
                         .allow = {}});
  CHECK(p.decide("quiet", Severity::kCritical, kNow).mode == ResponseMode::kAlert);
  CHECK(p.decide("a=b", Severity::kLow, kNow).mode == ResponseMode::kDeny);
  CHECK(p.decide("x", Severity::kLow, kNow).mode == ResponseMode::kAlert);
  CHECK(p.decide("x", Severity::kHigh, kNow).mode == ResponseMode::kKill);
  const auto loud = p.decide("x", Severity::kCritical, kNow);
  CHECK(loud.mode == ResponseMode::kDeny);
  CHECK(loud.rule == "severity critical");
  CHECK(p.uses(ResponseMode::kKill));
  // "Affected product" is never acted upon.
  CHECK(p.decide("a=b", Severity::kInfo, kNow).mode == ResponseMode::kAlert);
}

TEST_CASE("a rule ends at its date, and the next one counts", "[respond]") {
  const auto p = policy({.sets = {"s=deny@2027-01-01"}, .severities = {"high=kill"}, .allow = {}});
  const auto new_year = 1'798'761'600LL * kNsPerSecond;
  CHECK(p.decide("s", Severity::kHigh, new_year - 1).mode == ResponseMode::kDeny);
  CHECK(p.decide("s", Severity::kHigh, new_year).mode == ResponseMode::kKill);
}

TEST_CASE("what is on the allow-list is not acted upon", "[respond]") {
  const std::string digest(64, 'a');
  const auto p = policy({.sets = {"s=deny"},
                         .severities = {},
                         .allow = {"192.0.2.0/24", "2001:db8::1", "good.example", digest}});
  const auto mode = [&](const std::string& value) {
    return p.decide({match(value, Severity::kHigh)}, kNow).mode;
  };
  for (const std::string allowed :
       {"192.0.2.9", "2001:db8::1", "good.example", "www.good.example", digest.c_str()})
    CHECK(mode(allowed) == ResponseMode::kAlert);
  for (const std::string other : {"192.0.3.9", "2001:db8::2", "notgood.example", "example"})
    CHECK(mode(other) == ResponseMode::kDeny);
  // One allowed value does not excuse another.
  CHECK(p.decide({match("192.0.2.9", Severity::kHigh), match("192.0.3.9", Severity::kHigh)}, kNow)
            .mode == ResponseMode::kDeny);
  CHECK(p.allows(*parse_network("192.0.2.128/25")));
  CHECK_FALSE(p.allows(*parse_network("192.0.0.0/16")));
}

TEST_CASE("texts that say nothing clear are faults", "[respond]") {
  for (const std::string bad :
       {"", "s", "=deny", "s=", "s=reject", "s=DENY", "s=deny@", "s=deny@x", "s=deny@2027-13-01"}) {
    INFO(bad);
    CHECK(fault_of_set_rule(bad));
  }
  CHECK_FALSE(fault_of_set_rule("s=deny@2027-12-31"));
  for (const std::string bad : {"info=deny", "loud=deny", "high"})
    CHECK(fault_of_severity_rule(bad));
  CHECK_FALSE(fault_of_severity_rule("low=kill"));
  for (const std::string bad :
       {"", "10.0.0.0/33", "/usr/bin/x", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}) {
    INFO(bad);
    CHECK(fault_of_allowed(bad));
  }
  for (const std::string good : {"10.0.0.0/8", "::1", "intranet.example"})
    CHECK_FALSE(fault_of_allowed(good));
}

}  // namespace
}  // namespace tocsin
