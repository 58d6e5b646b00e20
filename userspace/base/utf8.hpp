// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tocsin {

struct Utf8Char {
  std::uint32_t code = 0;
  std::size_t bytes = 0;  // 0: no valid UTF-8 character begins here
};

// The character at the start of text, which must not be empty. Strict: overlong forms, surrogates
// and values above U+10FFFF are not valid.
Utf8Char decode_utf8(std::string_view text);

bool is_utf8(std::string_view text);

}  // namespace tocsin
