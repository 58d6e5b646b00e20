// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <memory>

#include "base/clock.hpp"
#include "history/retro_match.hpp"
#include "indicators/index.hpp"

namespace tocsin {

// Looks values of the history up as the pipeline looks up events, in this very index.
SeenMatcher match_seen(std::shared_ptr<const Index> index, WallNs at);

}  // namespace tocsin
