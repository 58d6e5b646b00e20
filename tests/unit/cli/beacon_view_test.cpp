// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "cli/beacon_view.hpp"

#include "cli/columns.hpp"
#include "cli/json_view.hpp"
#include "support/test.hpp"

using namespace tocsin;

namespace {

constexpr double kFirst = 1'764'070'000;  // 2025-11-25 11:26:40 UTC
constexpr double kHour = 3'600, kDay = 24 * kHour;

std::string figures(double last, double probability = 0.5) {
  const nlohmann::json beacon = {{"subject", {{"path", "/opt/a"}}},
                                 {"destination", "c2.example"},
                                 {"first", kFirst},
                                 {"last", last},
                                 {"contacts", 94},
                                 {"probability", probability},
                                 {"score", 1},
                                 {"verdict", "critical"}};
  return cli::beacon_lines(beacon, cli::Output(false)).front();
}

}  // namespace

TEST_CASE("the last contact has a date, unless it is that of the first", "[cli]") {
  const auto first = cli::date_time(kFirst);
  // Whatever the time zone, one of the two lies on the same day.
  const auto near = kFirst + (first.substr(11) < "12" ? kHour : -kHour);
  CHECK(figures(near).ends_with(first + "  " + cli::date_time(near).substr(11)));
  const auto later = cli::date_time(kFirst + 12 * kDay);
  CHECK(cli::columns_of(figures(kFirst + 12 * kDay)) <= cli::kColumns);
  CHECK(figures(kFirst + 12 * kDay).ends_with(first + "  " + later.substr(5, 11)));
  // A year later, on the same day.
  CHECK(figures(kFirst + 365 * kDay).ends_with("  " + first.substr(5, 11)));
  CHECK(figures(1e300).ends_with("an unreadable time"));
}

TEST_CASE("the share is that of message and verdict", "[cli]") {
  CHECK(figures(kFirst, 0.9976).starts_with(" 1.00   99 % critical"));
  CHECK(figures(kFirst, 0.046).starts_with(" 1.00    4 % critical"));
}
