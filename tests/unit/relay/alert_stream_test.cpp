// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "relay/alert_stream.hpp"

#include "support/alert_fixture.hpp"
#include "support/test.hpp"

using namespace tocsin;

TEST_CASE("an alert as the daemon writes it is read for the spool", "[relay]") {
  auto alert = test::sample_alert(AlertKind::kHealth);
  alert.time_ns = 1'764'072'000 * kNsPerSecond + 123'456'789;
  const auto rendered = test::sample_rendered(alert);
  const auto read = relay::read_alert(rendered->json);
  REQUIRE(read);
  CHECK(read->id == alert.id);
  CHECK(read->severity == alert.severity);
  CHECK(read->json == rendered->json);
  CHECK(read->time_ns == 1'764'072'000 * kNsPerSecond);
}

TEST_CASE("what is no alert is not spooled, and one without a time is", "[relay]") {
  for (const auto* text : {"", "[]", "{}", R"({"event":{"id":7}})", R"({"event":{"id":""}})"}) {
    INFO(text);
    CHECK_FALSE(relay::read_alert(text));
  }
  for (const auto* text : {R"({"event":{"id":"A"}})", R"({"event":{"id":"A"},"@timestamp":7})",
                           R"({"event":{"id":"A"},"@timestamp":"soon"})"}) {
    INFO(text);
    const auto read = relay::read_alert(text);
    REQUIRE(read);
    CHECK(read->time_ns == 0);
    CHECK(read->severity == Severity::kCritical);
  }
}
