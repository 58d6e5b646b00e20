// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "alert/alert.hpp"
#include "alert/render_json.hpp"

namespace tocsin {

inline constexpr std::string_view kOcsfVersion = "1.7.0";

// One alert as one JSON object without a line end: a Detection Finding (class 2004) of the Open
// Cybersecurity Schema Framework 1.7, profiles host and, where they apply, osint, container and
// security_control. What it has no place for stands under "unmapped" as the "tocsin" object of
// render_json(). Times are Unix milliseconds. A member that is not there is unknown.
std::string render_ocsf(const Alert& alert, const AlertOrigin& origin, std::uint64_t sequence);

}  // namespace tocsin
