// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace tocsin::cli {

// A moment as people type it: "10m" (ago; s, m, h, d, w); the words of ausearch: "now", "recent"
// (ten minutes ago), "boot", "today", "yesterday", "this-week", "this-month", "this-year" (their
// start, local time; a week begins on Sunday); "2026-11-25", "2026-11-25T10:00", "2026-11-25
// 10:00:30" (local time), "2026-11-25T10:00Z", "…+02:00", "@1764064800" (Unix seconds). Seconds may
// have a fraction.
Result<WallNs> parse_time(std::string_view text, WallNs now);

// "90s", "10m", "2h", "3d", "1w"; a bare number is seconds.
Result<std::int64_t> parse_duration_ns(std::string_view text);

}  // namespace tocsin::cli
