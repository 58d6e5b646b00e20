// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "cli/pace.hpp"

#include "support/test.hpp"

using namespace tocsin::cli;
using namespace std::chrono_literals;

TEST_CASE("long work tells its rate and how long it will still take", "[cli]") {
  const auto begin = Pace::Clock::now();
  const Pace pace(begin);
  CHECK(pace.words(0, 100, "values", begin) == "0 of 100 values");
  CHECK(pace.words(0, 100, "values", begin + 1s) == "0 of 100 values");
  CHECK(pace.words(25, 100, "values", begin + 10s) == "25 of 100 values, 2/s, 30.0 s left");
  CHECK(pace.words(10, 7'210, "values", begin + 1s) == "10 of 7210 values, 10/s, 12 min left");
  CHECK(pace.words(100, 100, "values", begin + 2s) == "100 of 100 values, 50/s");
}

TEST_CASE("work of unknown size tells what is left by the share of the way", "[cli]") {
  const auto begin = Pace::Clock::now();
  const Pace pace(begin);
  CHECK(pace.share_words(0, "alerts", 0, begin + 1s) == "0 alerts");
  CHECK(pace.share_words(300, "alerts", 0.25, begin + 3s) == "300 alerts, 100/s, 9.0 s left");
  CHECK(pace.share_words(300, "alerts", 0, begin + 3s) == "300 alerts, 100/s");
  CHECK(pace.share_words(300, "alerts", 1, begin + 3s) == "300 alerts, 100/s");
}

TEST_CASE("bytes of a file are told in their units, also when there is no end to them", "[cli]") {
  const auto begin = Pace::Clock::now();
  const Pace pace(begin);
  constexpr std::uint64_t kMiB = 1 << 20;
  CHECK(pace.bytes_words(0, 8 * kMiB, begin) == "0 bytes of 8.0 MiB");
  CHECK(pace.bytes_words(2 * kMiB, 8 * kMiB, begin + 1s) ==
        "2.0 MiB of 8.0 MiB, 2.0 MiB/s, 3.0 s left");
  CHECK(pace.bytes_words(2 * kMiB, 0, begin + 1s) == "2.0 MiB, 2.0 MiB/s");
}
