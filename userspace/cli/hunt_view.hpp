// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "cli/output.hpp"

namespace tocsin::cli {

// Answers of a hunt for people, line by line; shapes: docs/control-protocol.md.

// What was seen: since when, by whom, how often.
std::vector<std::string> hit_lines(const nlohmann::json& hit, const Output& out);
// One line, for the many.
std::string hit_line(const nlohmann::json& hit, const Output& out);

// What was not seen, and what that is worth: values that cannot be known with their reasons, then
// the period and everything that is missing in it.
std::vector<std::string> silence_lines(const nlohmann::json& answer);
// The period and what is missing in it, in one line.
std::string coverage_line(const nlohmann::json& coverage);

// Alerts a day that the values would have raised in the time that was watched, from at least to at
// most: {"days","alerts":{"least","most"},"per_day":{"least","most"}}.
nlohmann::json estimate_json(const nlohmann::json& answer);
// What a set would have matched: its hits in a line each, the estimate, the coverage.
std::vector<std::string> past_lines(const nlohmann::json& answer, const Output& out);

}  // namespace tocsin::cli
