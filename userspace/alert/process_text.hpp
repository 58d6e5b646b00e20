// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <string>
#include <string_view>

#include "alert/alert.hpp"

// A process as the JSON forms of an alert show it.
namespace tocsin {

// The executable's name, or what the process calls itself; empty: unknown. Views into process.
std::string_view process_name(const ProcessFacts& process);
// The arguments with blanks between: for reading, not for running.
std::string command_line(const ProcessFacts& process);

}  // namespace tocsin
