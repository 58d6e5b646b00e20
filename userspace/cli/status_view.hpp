// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "cli/output.hpp"

namespace tocsin::cli {

// The status object of docs/control-protocol.md as a page. What is missing in it shows as unknown
// or not at all, never as zero.
std::vector<std::string> status_page(const nlohmann::json& status, const Output& out);

// One line for each indicator set of a status or indicators object.
std::vector<std::string> set_lines(const nlohmann::json& indicators, const Output& out);

// "sha256 24, domain 21"; empty when there is nothing at path.
std::string counts_at(const nlohmann::json& object, const char* path);

}  // namespace tocsin::cli
