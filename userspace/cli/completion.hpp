// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <string>

#include <CLI/CLI.hpp>

namespace tocsin::cli {

// Completion scripts, made from the very tree that the command line is parsed with: commands,
// groups of them, and their options with what each does. What they do not know they leave to file
// names.
std::string bash_completion(const CLI::App& root);
std::string zsh_completion(const CLI::App& root);
std::string fish_completion(const CLI::App& root);

}  // namespace tocsin::cli
