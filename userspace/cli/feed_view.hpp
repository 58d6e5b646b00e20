// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "cli/output.hpp"

// The answer of `feeds`, for people.
namespace tocsin::cli {

// One line a feed, and what is wrong with it below; of name only, or all when it is empty. Faults
// of feeds.toml are told in any case: a feed that has one has no line of its own.
std::vector<std::string> feed_lines(const nlohmann::json& answer, const std::string& name,
                                    const Output& out);

// How far an update is that was asked for at begun, Unix seconds: of the feed with this name, or of
// all when it is empty. A fault of feeds.toml is not a feed: nothing of it is waited for.
enum class UpdateState : std::uint8_t { kRunning, kFinished, kNoSuchFeed };
UpdateState update_state(const nlohmann::json& answer, const std::string& name, double begun);

// All of them are in order, and so is feeds.toml.
bool feeds_in_order(const nlohmann::json& answer, const std::string& name);

}  // namespace tocsin::cli
