// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "cli/time_argument.hpp"

#include <stdlib.h>
#include <time.h>

#include "support/test.hpp"

using namespace tocsin;
using namespace tocsin::cli;

namespace {

constexpr WallNs kSecond = 1'000'000'000;
constexpr WallNs kNow = 1'764'072'000 * kSecond;  // 2025-11-25T12:00:00Z

// Local time of the test is fixed, whatever the machine's is.
class InZone {
 public:
  explicit InZone(const char* zone) {
    if (const char* before = getenv("TZ")) before_ = before;
    setenv("TZ", zone, 1);
    tzset();
  }
  ~InZone() {
    if (before_.empty())
      unsetenv("TZ");
    else
      setenv("TZ", before_.c_str(), 1);
    tzset();
  }
  InZone(const InZone&) = delete;
  InZone& operator=(const InZone&) = delete;

 private:
  std::string before_;
};

WallNs at(std::string_view text) {
  const auto time = parse_time(text, kNow);
  INFO(text);
  REQUIRE(time);
  return *time;
}

}  // namespace

TEST_CASE("times ago count back from now", "[cli]") {
  CHECK(at("now") == kNow);
  CHECK(at("0s") == kNow);
  CHECK(at("90s") == kNow - 90 * kSecond);
  CHECK(at("10m") == kNow - 600 * kSecond);
  CHECK(at("2h") == kNow - 7200 * kSecond);
  CHECK(at("3d") == kNow - 3 * 86'400 * kSecond);
  CHECK(at("1w") == kNow - 7 * 86'400 * kSecond);
}

TEST_CASE("the words of ausearch are understood", "[cli]") {
  const InZone utc("UTC");
  CHECK(at("recent") == kNow - 600 * kSecond);
  CHECK(at("today") == kNow - 12 * 3600 * kSecond);
  CHECK(at("this-week") == at("2025-11-23"));  // the 25th is a Tuesday
  CHECK(at("this-month") == at("2025-11-01"));
  CHECK(at("this-year") == at("2025-01-01"));
  timespec up{};
  REQUIRE(clock_gettime(CLOCK_BOOTTIME, &up) == 0);
  const auto boot = at("boot");
  CHECK(boot <= kNow - up.tv_sec * kSecond);
  CHECK(boot > kNow - (up.tv_sec + 60) * kSecond);
}

TEST_CASE("dates without a zone are local, others are not", "[cli]") {
  const InZone berlin("CET-1CEST,M3.5.0,M10.5.0/3");
  CHECK(at("@1764072000") == kNow);
  CHECK(at("@1764072000.25") == kNow + kSecond / 4);
  CHECK(at("2025-11-25T12:00Z") == kNow);
  CHECK(at("2025-11-25T12:00:00.5Z") == kNow + kSecond / 2);
  CHECK(at("2025-11-25T14:30:00+02:30") == kNow);
  CHECK(at("2025-11-25T07:00-0500") == kNow);
  CHECK(at("2025-11-25T13:00") == kNow);
  CHECK(at("2025-11-25 13:00:00") == kNow);
  CHECK(at("2025-11-25") == kNow - 13 * 3600 * kSecond);
  CHECK(at("today") == kNow - 13 * 3600 * kSecond);
  CHECK(at("yesterday") == kNow - 37 * 3600 * kSecond);
  // Summer time: one hour more.
  CHECK(at("2025-07-01T12:00") == at("2025-07-01T10:00Z"));
  CHECK(at("2024-02-29") < kNow);
}

TEST_CASE("what is no time is refused", "[cli]") {
  for (const auto* text : {"",
                           "soon",
                           "10",
                           "2025",
                           "10x",
                           "-5m",
                           "5m5",
                           "m",
                           "@",
                           "@-1",
                           "@x",
                           "@99999999999",
                           "2025-13-01",
                           "2025-02-29",
                           "2025-11-31",
                           "2025-11-25T24:00",
                           "2025-11-25T12:60",
                           "2025-11-25T12",
                           "2025-11-25T12:00:00.",
                           "2025-11-25T12:00+99:00",
                           "2025-11-25T12:00Zx",
                           "25-11-2025",
                           "99999999999w",
                           "3000w",
                           "2262-04-12T00:00Z",
                           "9999-12-31",
                           "1969-12-31"}) {
    INFO(text);
    CHECK_FALSE(parse_time(text, kNow));
  }
  CHECK(parse_time("soon\x1b[2J", kNow).error().message.find('\x1b') == std::string::npos);
}

TEST_CASE("durations", "[cli]") {
  CHECK(parse_duration_ns("90") == 90 * kSecond);
  CHECK(parse_duration_ns("1w") == 604'800 * kSecond);
  CHECK_FALSE(parse_duration_ns(""));
  CHECK_FALSE(parse_duration_ns("1.5h"));
  CHECK_FALSE(parse_duration_ns("-1s"));
  CHECK_FALSE(parse_duration_ns("9223372036854775807w"));
}
