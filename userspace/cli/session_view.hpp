// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "cli/output.hpp"

namespace tocsin::cli {

// "alice from 198.51.100.7 port 50122 by sshd(812) on pts0", from a session as the daemon tells it.
std::string session_origin(const nlohmann::json& session);

// One session of `tocsin who`: when, who, from where, what it started and whom it contacted.
std::vector<std::string> session_lines(const nlohmann::json& session, const Output& out);

}  // namespace tocsin::cli
