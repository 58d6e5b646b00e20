// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <vector>

#include "cli/doctor_checks.hpp"
#include "daemon/fleet_config.hpp"

namespace tocsin::cli {

// One check for each broker of the fleet that this host is told of (fleet.servers, or beside its
// certificate): whether it is there, and whether its version has known holes; asks each for a few
// seconds at most. One for the host's certificate: whether it ends soon.
std::vector<Check> fleet_checks(const FleetConfig& config);

}  // namespace tocsin::cli
