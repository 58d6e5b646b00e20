// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "fleet/hunt_question.hpp"
#include "support/history_builder.hpp"
#include "support/test.hpp"

// Questions and answers of a fleet, for tests that link its library.
namespace tocsin::test {

inline constexpr WallNs kHuntNow = 1'795'000'000LL * kNsPerSecond;

inline fleet::HuntQuestion ask_about(const std::vector<std::string>& values,
                                     WallNs now = kHuntNow) {
  fleet::HuntQuestion out;
  out.id = fleet::new_hunt_id(now);
  out.site = "main";
  out.issued_ns = now;
  out.expires_ns = now + 7 * 86'400 * kNsPerSecond;
  out.wait_s = 30;
  for (const auto& value : values) out.values.push_back(parse_hunt_value(value).value());
  return out;
}

// What a daemon answers to it: these values were seen, the others were not.
inline nlohmann::json hunt_answer(const fleet::HuntQuestion& question,
                                  const std::vector<std::string>& seen) {
  using nlohmann::json;
  json hits = json::array(), misses = json::array();
  for (const auto& value : question.values) {
    json one = {{"value", value.text}, {"type", to_string(value.type)}};
    if (std::find(seen.begin(), seen.end(), value.text) != seen.end()) {
      one.update({{"verdict", "seen"},
                  {"first", 1.5},
                  {"last", 2.5},
                  {"count", 3U},
                  {"sightings", json::array({{{"kind", "name"}}})},
                  {"more_sightings", 0U}});
      hits.push_back(std::move(one));
    } else {
      one["verdict"] = "not seen";
      misses.push_back(std::move(one));
    }
  }
  return {{"asked", question.values.size()},
          {"seen", hits.size()},
          {"not_seen", misses.size()},
          {"not_kept", 0U},
          {"cannot_know", 0U},
          {"hits", hits},
          {"misses", misses},
          {"coverage",
           {{"from", 1.0}, {"to", 2.0}, {"gaps", {{"count", 0U}}}, {"lost", json::object()}}}};
}

}  // namespace tocsin::test
