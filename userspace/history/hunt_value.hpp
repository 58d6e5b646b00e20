// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "history/seen.hpp"
#include "indicators/normalise.hpp"

namespace tocsin {

// A value that is looked for in the history.
struct HuntValue {
  IndicatorType type = IndicatorType::kSha256;
  std::string text;    // canonical
  std::string host;    // url: its canonical host, a name or an address
  bool exact = false;  // domain: without its subdomains
};

// As a person types it: defanged or not, of any type.
Result<HuntValue> parse_hunt_value(std::string_view typed);
Result<HuntValue> make_hunt_value(IndicatorType type, std::string_view text);

// Where its sightings lie. A range of names holds a few neighbours: is_sighting() tells them apart.
struct SeenRange {
  SeenKind kind = SeenKind::kProgram;
  ValueRange values;
};
// Of digests only the SHA-256 has ranges by itself; a path has those of files that were not hashed.
std::vector<SeenRange> ranges_of(const HuntValue& value);
bool is_sighting(const HuntValue& value, SeenKind kind, std::string_view seen);

// All rows with exactly these bytes.
ValueRange exactly(std::string_view seen);

// A value of seen for people: hex, a path, "www.example.org", "192.0.2.7:443/tcp".
std::string shown_value(SeenKind kind, std::string_view seen, std::uint32_t flags);
// Content of a program: hex, a path, or empty when it is unknown.
std::string shown_content(std::string_view content, std::uint32_t flags);
// "contacted", "asked for", …
std::vector<std::string_view> flag_words(std::uint32_t flags);

}  // namespace tocsin
