// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace tocsin::cli {

// Whether an alert is about a user: by name, or by number where text is one. Counts who the subject
// and its ancestors run as, and above all who logged in: behind sudo everybody is root.
bool alert_is_about_user(const nlohmann::json& alert, const std::string& user);

}  // namespace tocsin::cli
