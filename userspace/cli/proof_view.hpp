// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "cli/output.hpp"

namespace tocsin::cli {

// The "self_proof" object of a status: first what it comes to in one line, then a table. now: Unix
// seconds.
std::vector<std::string> self_proof_lines(const nlohmann::json& self_proof, double now,
                                          const Output& out);

// The answer to "selftest" as a page.
std::vector<std::string> self_test_page(const nlohmann::json& answer, const Output& out);

}  // namespace tocsin::cli
