// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "canary/action.hpp"

namespace tocsin {

// One line of the canary's report, see canary/action.hpp.
struct CanaryReport {
  CanaryAction action{};
  BootNs did_ns = 0;       // 0: it could not be done
  std::string cannot_why;  // safe for a terminal
};

// Without its line feed; absent when it is no such line.
std::optional<CanaryReport> parse_canary_report(std::string_view line);

}  // namespace tocsin
