// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "base/percent.hpp"

#include "support/test.hpp"

using namespace tocsin;

TEST_CASE("a share is told rounded down, and only the whole is 100 %") {
  CHECK(whole_percent(0) == "0 %");
  CHECK(whole_percent(0.899) == "89 %");
  CHECK(whole_percent(0.9) == "90 %");
  CHECK(whole_percent(0.956) == "95 %");
  CHECK(whole_percent(0.9976) == "99 %");
  CHECK(whole_percent(1 - 1e-13) == "99 %");
  CHECK(whole_percent(1) == "100 %");
  for (int n = 0; n <= 100; ++n) CHECK(whole_percent(n / 100.0) == std::to_string(n) + " %");
}
