// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "detect/finding.hpp"
#include "event/name_event.hpp"
#include "indicators/index.hpp"
#include "names/name_candidate.hpp"

namespace tocsin {

// The name asked for, and the names that its answers lead through: a clean name that is a CNAME of
// an indicator name matches, too.
std::vector<IndicatorMatch> match_dns(const Index& index, const DnsEvent& event, WallNs at);

// The host said in a hello. An encrypted name's outer name is matched like any other.
std::vector<IndicatorMatch> match_hello(const Index& index, const HelloEvent& hello, WallNs at);

// The ECS field a hello's host stands in.
std::string_view field_of(HelloKind kind);

// Names an address may have been contacted by. Each indicator comes once, by the best name.
struct NameMatches {
  std::vector<IndicatorMatch> matches;
  std::size_t best = 0;  // candidate that matched first; meaningless without matches
};
NameMatches match_names(const Index& index, const std::vector<NameCandidate>& names, WallNs at);

}  // namespace tocsin
