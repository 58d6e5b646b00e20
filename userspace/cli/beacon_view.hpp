// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "cli/output.hpp"

namespace tocsin::cli {

// The heading of a list of beacons.
std::string beacon_heading();
// One beacon as lines of at most 80 columns: figures, who calls whom, why.
std::vector<std::string> beacon_lines(const nlohmann::json& beacon, const Output& out);

}  // namespace tocsin::cli
