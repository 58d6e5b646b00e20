// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "indicators/indicator.hpp"

namespace tocsin {

// What a guard list wants done with a value that stands on it.
enum class GuardEffect : std::uint8_t {
  kReject,     // never an indicator
  kHold,       // a person has to look
  kHoldHost,   // strangers share this host: hold the bare host, take a URL on it
  kReference,  // publishes about indicators, is none
  kPopular,    // contacted by everybody: hold the bare name
  kAnnotate,   // worth saying, changes nothing
};

struct GuardHit {
  std::string list;     // "public-resolvers"
  std::string version;  // of the list
  GuardEffect effect = GuardEffect::kAnnotate;
};

// The guard lists as the extractor sees them.
class ReviewGuards {
 public:
  virtual ~ReviewGuards() = default;
  // Lists that name this canonical value. A URL is asked for as kUrl, and its host once more as
  // kDomain or kIp.
  [[nodiscard]] virtual std::vector<GuardHit> hits(IndicatorType type,
                                                   std::string_view canonical) const = 0;
};

}  // namespace tocsin
