// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>

namespace tocsin {

// "99 %", rounded down: no level is told that was not reached, and nothing uncertain is 100 %.
// share: 0 to 1.
inline std::string whole_percent(double share) {
  constexpr double kBinarySlack = 1e-9;  // 100 * 0.29 is less than 29
  const double percent = std::floor(100 * share + kBinarySlack);
  return fmt::format("{:.0f} %", share < 1 ? std::min(percent, 99.0) : percent);
}

}  // namespace tocsin
