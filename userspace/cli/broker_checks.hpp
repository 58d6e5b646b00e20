// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <span>
#include <string>
#include <vector>

#include "cli/doctor_checks.hpp"

namespace tocsin::cli {

// One check for each broker of the fleet that the configuration names (fleet.servers): whether it
// is there, and whether its version has known holes. Asks each for a few seconds at most.
std::vector<Check> broker_checks(std::span<const std::string> servers);

}  // namespace tocsin::cli
