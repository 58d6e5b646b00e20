// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "report/words.hpp"

// Self-contained pages for people: no script, no link, nothing loaded; at most kReportBytesMax.
// Everything in the material may be an attacker's.
namespace tocsin::report {

struct PageFacts {
  std::string version;  // of tocsin
  std::string source;   // "the running daemon", "the files in /var/lib/tocsin"
};

// One alert with its whole evidence.
std::string alert_page(const Material& material, const PageFacts& facts);

// What was raised in a period.
struct Period {
  std::vector<nlohmann::json> alerts = {};   // oldest first
  std::vector<nlohmann::json> beacons = {};  // rows of `beacons` now, likeliest first
  nlohmann::json coverage = nullptr;         // null: not known
  // Alerts beside those, the less loud ones: severity -> how many.
  std::map<std::string, std::uint64_t> left_out = {};
  double since_s = 0, now_s = 0;
  double until_s = 0;          // 0: up to now
  std::string host = {};       // its name; empty: not known
  std::string state_dir = {};  // as in Material
};
std::string period_page(const Period& period, const PageFacts& facts);

}  // namespace tocsin::report
