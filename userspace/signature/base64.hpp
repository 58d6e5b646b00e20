// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace tocsin {

// RFC 4648, section 4, with padding, in one line.
std::string to_base64(std::span<const std::uint8_t> bytes);

// Fills all of out or fails: only the one text that to_base64() makes of some bytes of that length
// is taken, so that one key or signature has one spelling.
bool from_base64(std::string_view text, std::span<std::uint8_t> out);

}  // namespace tocsin
