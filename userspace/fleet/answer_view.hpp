// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <string>
#include <vector>

#include "cli/output.hpp"
#include "fleet/hunt_tally.hpp"

namespace tocsin::fleet {

// The answer of all hosts for people: who saw what, then what the silence of the others is worth.
std::vector<std::string> answer_lines(const HuntTally& tally, const cli::Output& out);

// "[#####...............] 250 of 1000 hosts answered, seen on 2, 12 s left": for a terminal.
std::string progress_line(const HuntTally& tally, double left_s);

}  // namespace tocsin::fleet
