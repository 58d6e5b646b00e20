// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <optional>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/clock.hpp"
#include "history/hunt_value.hpp"

namespace tocsin::control {

// The arguments of as many `hunt` requests as it takes to ask for these values, in their order,
// each within the limits of one request. Single events are asked for when the values are few.
struct HuntRequestPart {
  nlohmann::json arguments;
  std::size_t values = 0;  // in this one
};
std::vector<HuntRequestPart> hunt_requests(const std::vector<HuntValue>& values,
                                           std::optional<WallNs> since_ns);

}  // namespace tocsin::control
