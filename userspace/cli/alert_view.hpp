// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "cli/output.hpp"
#include "report/words.hpp"

namespace tocsin::cli {

// Alerts as they come over the socket (ECS and tocsin.*), for people. Members that are missing are
// left out, never invented.

// "2026-11-25 12:00:01  high      message  [id]".
std::string alert_line(const nlohmann::json& alert, const Output& out);

// The verdict and the whole evidence behind it, in lines of at most kColumns: what speaks for it,
// indicator, content, process, lineage, network, what was not seen, what to do next.
std::vector<std::string> explanation(const report::Material& material, const Output& out);

}  // namespace tocsin::cli
