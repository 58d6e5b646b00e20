// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <optional>

#include <nlohmann/json.hpp>

#include "base/clock.hpp"

namespace tocsin::cli {

// Arguments of the command `contacts` about an alert; nullopt when it names no program.
std::optional<nlohmann::json> contacts_question(const nlohmann::json& alert);

// Whether it was raised before then. One without a time was.
bool is_before(const nlohmann::json& alert, WallNs until_ns);

}  // namespace tocsin::cli
