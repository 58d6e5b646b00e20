// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "cli/output.hpp"

namespace tocsin::cli {

// One event JSON line for people: "12:00:01.123 exec     4711 /usr/bin/id  -u  [sha256 1f3a…]".
std::string event_line(const nlohmann::json& event, const Output& out);

}  // namespace tocsin::cli
