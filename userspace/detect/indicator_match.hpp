// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <string_view>
#include <vector>

#include "base/digest.hpp"
#include "base/ip_address.hpp"
#include "detect/finding.hpp"
#include "indicators/index.hpp"

namespace tocsin {

// Looks a file's digests up among the indicators that hold at the given time. field is the ECS name
// in front of the algorithm: "process.hash" gives "process.hash.sha256". Several sets may hold one
// value: all matches are returned.
std::vector<IndicatorMatch> match_digests(const Index& index, const FileDigests& digests,
                                          std::string_view field, WallNs at);

// Exact addresses and the networks around them.
std::vector<IndicatorMatch> match_address(const Index& index, const IpAddress& address, WallNs at);

// The loudest severity among the matches; matches must not be empty.
Severity loudest(const std::vector<IndicatorMatch>& matches);

}  // namespace tocsin
