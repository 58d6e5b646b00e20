// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <string>

#include "alert/alert.hpp"
#include "alert/host_facts.hpp"

namespace tocsin {

inline constexpr std::string_view kEcsVersion = "8.17.0";

// Where and by whom an alert was made; the same for all alerts of a run but the sequence.
struct AlertOrigin {
  HostFacts host;
  AgentFacts agent;
};

// One alert as one JSON object without a line end. Names are those of the Elastic Common Schema
// 8.17; what it has no name for stands under "tocsin". A member that is not there is unknown.
// sequence counts the alerts of this run: a gap in a collector is a lost alert.
std::string render_json(const Alert& alert, const AlertOrigin& origin, std::uint64_t sequence);

// event.severity: 10, 21, 47, 73, 99.
int severity_number(Severity severity);

}  // namespace tocsin
