// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "alert/alert_id.hpp"

#include <set>

#include "support/test.hpp"

namespace tocsin {
namespace {

TEST_CASE("ids have the ULID layout", "[alert][id]") {
  // The specification's time part for 1469918176385 ms is 01ARYZ6S41.
  AlertIdSource zero([](auto& bytes) { bytes.fill(0); });
  CHECK(zero.next(1'469'918'176'385'000'000) == "01ARYZ6S410000000000000000");
  CHECK(zero.next(1'469'918'176'385'999'999) == "01ARYZ6S410000000000000001");
  AlertIdSource ones([](auto& bytes) { bytes.fill(0xff); });
  CHECK(ones.next(1'469'918'176'385'000'000) == "01ARYZ6S41ZZZZZZZZZZZZZZZZ");
  // The random part is used up: the next millisecond.
  CHECK(ones.next(1'469'918'176'385'000'000) == "01ARYZ6S420000000000000000");
}

TEST_CASE("ids are unique and sort as they were made, also over clock steps", "[alert][id]") {
  AlertIdSource source;
  std::set<std::string> seen;
  std::string last;
  WallNs now = 1'764'072'000'000'000'000;
  for (int i = 0; i < 20'000; ++i) {
    if (i % 7 == 0) now += 400'000;
    if (i % 1000 == 999) now -= 3'600'000'000'000;
    const std::string id = source.next(now);
    REQUIRE(is_alert_id(id));
    REQUIRE(id > last);
    REQUIRE(seen.insert(id).second);
    last = id;
  }
  AlertIdSource other;
  CHECK(other.next(now) != source.next(now));
  CHECK(is_alert_id(source.next(-5)));
}

TEST_CASE("what is not an id is told apart", "[alert][id]") {
  CHECK(is_alert_id("7ZZZZZZZZZZZZZZZZZZZZZZZZZ"));
  CHECK_FALSE(is_alert_id("8ZZZZZZZZZZZZZZZZZZZZZZZZZ"));
  CHECK_FALSE(is_alert_id("01ARYZ6S41000000000000000"));
  CHECK_FALSE(is_alert_id("01ARYZ6S4100000000000000IL"));
  CHECK_FALSE(is_alert_id(""));
}

}  // namespace
}  // namespace tocsin
