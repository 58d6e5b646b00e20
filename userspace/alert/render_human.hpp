// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <string>

#include "alert/alert.hpp"

namespace tocsin {

struct HumanOptions {
  bool colour = false;  // ANSI colours: only for a terminal, and not under NO_COLOR
};

// One alert as a block of at most fourteen lines, each ending in a line feed, that can be printed
// on a terminal whatever bytes it is about. Unknown facts are named as unknown or left out.
std::string render_human(const Alert& alert, const HumanOptions& options);

}  // namespace tocsin
