// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <string_view>

#include "control/commands.hpp"

namespace tocsin::control {

// The commands about sets, feeds and the relay; null when it is none of them.
const Command* find_set_command(std::string_view name);

}  // namespace tocsin::control
