// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "indicators/index.hpp"

namespace tocsin {

// "Is this value watched for?", for a value as a person types it: defanged or not, of any type.
struct CheckedValue {
  IndicatorType type;
  std::string canonical;
  std::vector<Indicator> matches;
};

// kInvalidInput when the text is no value of any type.
Result<CheckedValue> check_value(const Index& index, std::string_view text, WallNs at);

}  // namespace tocsin
