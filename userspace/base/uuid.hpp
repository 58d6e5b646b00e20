// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace tocsin {

using UuidBytes = std::array<std::uint8_t, 16>;

// Name-based UUID of version 5 (RFC 9562, section 5.5): the same for the same name, for ever.
std::string uuid_v5(const UuidBytes& name_space, std::string_view name);

}  // namespace tocsin
