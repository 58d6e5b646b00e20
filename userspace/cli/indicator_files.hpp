// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <expected>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "cli/command.hpp"
#include "indicators/store.hpp"

namespace tocsin::cli {

// The files and folders given, or without any those of the configuration that exist. Refused lines
// are told on stderr with their place; a given file that cannot be taken, or no indicator at all,
// is the exit code after it was told.
std::expected<IndicatorStore, int> load_indicators(const Context& context,
                                                   const std::vector<std::string>& given);

nlohmann::json to_json(const Indicator& indicator);
nlohmann::json to_json(const std::vector<Indicator>& indicators);

// "set 3cx-2023, 3CX SmoothOperator, critical: note [3cx.csv:14]" of an indicator's JSON.
std::string indicator_text(const nlohmann::json& indicator);

}  // namespace tocsin::cli
