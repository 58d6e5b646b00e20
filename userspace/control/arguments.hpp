// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/clock.hpp"
#include "base/result.hpp"

// Members of a request's arguments. One that is missing is false, empty or nullopt; one of the
// wrong type is kInvalidInput with its name.
namespace tocsin::control {

std::unexpected<Error> bad_argument(std::string_view name, std::string_view what);
Result<bool> bool_argument(const nlohmann::json& arguments, const char* name);
Result<std::string> text_argument(const nlohmann::json& arguments, const char* name);
// An empty text is an error, too.
Result<std::string> needed_text(const nlohmann::json& arguments, const char* name);
Result<std::vector<std::string>> texts_argument(const nlohmann::json& arguments, const char* name);
// Unix seconds with fraction, as times stand in all our JSON.
Result<std::optional<WallNs>> time_argument(const nlohmann::json& arguments, const char* name);

}  // namespace tocsin::control
