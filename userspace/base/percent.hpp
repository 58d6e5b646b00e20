// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>

namespace tocsin {

// A share (0 to 1) in whole parts of so many, rounded down: no level is told that was not reached.
inline double whole_parts(double share, double of) {
  constexpr double kBinarySlack = 1e-9;  // 100 * 0.29 is less than 29
  return std::floor(of * share + kBinarySlack);
}

// "99 %", rounded down, and nothing uncertain is 100 %.
inline std::string whole_percent(double share) {
  const double percent = whole_parts(share, 100);
  return fmt::format("{:.0f} %", share < 1 ? std::min(percent, 99.0) : percent);
}

}  // namespace tocsin
