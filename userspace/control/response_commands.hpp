// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <string_view>

#include "control/commands.hpp"

namespace tocsin::control {

// The commands that isolate and release; null when it is none of them.
const Command* find_response_command(std::string_view name);

}  // namespace tocsin::control
