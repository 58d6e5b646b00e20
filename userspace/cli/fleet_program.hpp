// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <filesystem>

#include <CLI/CLI.hpp>

namespace tocsin::cli {

// tocsin-fleet, beside this program or where packages put it. Empty: nowhere.
std::filesystem::path find_fleet_program();

// Gives fleet the commands and options that tocsin-fleet has, by its own word, for completion.
// Nothing where there is no tocsin-fleet.
void add_fleet_words(CLI::App& fleet);

}  // namespace tocsin::cli
