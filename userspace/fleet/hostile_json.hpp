// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <string_view>

#include <nlohmann/json.hpp>

#include "base/json_depth.hpp"
#include "fleet/fleet_limits.hpp"

namespace tocsin::fleet {

// What another host or a broker sent: discarded when it is no JSON or nests too deep.
inline nlohmann::json parse_hostile(std::string_view text) {
  if (!json_nested_within(text, limits::kFleetJsonDepthMax))
    return nlohmann::json(nlohmann::json::value_t::discarded);
  return nlohmann::json::parse(text, nullptr, false);
}

// A sign of life, or null: a broker's own words on a host's subject are none (docs/fleet.md).
inline nlohmann::json parse_beat(std::string_view text) {
  auto beat = parse_hostile(text);
  return beat.is_object() && beat.contains("tocsin") ? beat : nlohmann::json();
}

}  // namespace tocsin::fleet
