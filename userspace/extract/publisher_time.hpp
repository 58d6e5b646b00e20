// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <optional>
#include <string_view>

#include "base/clock.hpp"

namespace tocsin {

// A point in time as publications write it: "2023-03-30", "2023-03-30 12:00:00",
// "2023-03-30T12:00:00.123Z", "2023-03-30T12:00:00+00:00" (the zone is not heeded: days matter
// here), Unix seconds.
std::optional<WallNs> parse_publisher_time(std::string_view text);

}  // namespace tocsin
