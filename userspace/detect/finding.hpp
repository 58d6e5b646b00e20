// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <string>
#include <vector>

#include "indicators/indicator.hpp"

namespace tocsin {

// One indicator that matched, and on what.
struct IndicatorMatch {
  Indicator indicator;
  std::string field;    // ECS name of the field that matched: "process.hash.sha256"
  std::string matched;  // the value seen, may be a subdomain of the indicator
};

}  // namespace tocsin
