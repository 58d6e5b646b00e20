// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <optional>

#include <nlohmann/json.hpp>

namespace tocsin::cli {

// Arguments of the command `contacts` about an alert; nullopt when it names no program.
std::optional<nlohmann::json> contacts_question(const nlohmann::json& alert);

}  // namespace tocsin::cli
