// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "indicators/indicator.hpp"

// One guard list in the MISP warninglist format (misp-standard.org, "MISP warninglists format"):
// values that are common, shared or harmless, and that published lists hold all the same.
namespace tocsin {

// What a hit does to a candidate, from mild to strict. Nothing is ever deleted.
enum class ListEffect : std::uint8_t {
  kAnnotate,   // a note beside it
  kPopular,    // everybody contacts it: the bare name or address is held back for a person
  kHold,       // held back for a person
  kReference,  // a publication about the threat, not the threat
  kHoldHost,   // the bare host is held back, a URL on it stays a URL
  kReject,     // refused, with the list as the reason
};

std::string_view to_string(ListEffect effect);  // "annotate", "popular", "reference", …
std::optional<ListEffect> parse_list_effect(std::string_view text);

// string: the whole value. hostname: the name and everything below it. substring: anywhere in the
// value, any case. cidr: addresses and blocks. regex: anywhere, RE2 syntax.
enum class WarninglistType : std::uint8_t { kString, kHostname, kSubstring, kCidr, kRegex };

std::string_view to_string(WarninglistType type);

struct Warninglist {
  std::string name, description, category;
  std::uint64_t version = 0;
  WarninglistType type = WarninglistType::kString;
  std::uint8_t value_types = 0xff;  // bit of each IndicatorType that its matching_attributes name
  ListEffect effect = ListEffect::kAnnotate;
  // Ready to compare: canonical values, A-labels, networks, RE2 patterns.
  std::vector<std::string> entries;
  // Entries that mean nothing here (digests we do not compute, patterns RE2 does not know), the
  // first few with their place: "/list/17: …".
  std::uint64_t skipped = 0;
  std::vector<std::string> skipped_shown;

  [[nodiscard]] bool applies_to(IndicatorType value_type) const {
    return (value_types >> static_cast<unsigned>(value_type) & 1) != 0;
  }
};

// The error names line and column of broken JSON, and the JSON pointer of a wrong member.
Result<Warninglist> parse_warninglist(std::string_view json);

// What lists do that say nothing about it themselves: a short table of MISP's own lists.
ListEffect default_effect(std::string_view list_name);

}  // namespace tocsin
