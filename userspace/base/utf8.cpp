// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "base/utf8.hpp"

#include <array>

namespace tocsin {

Utf8Char decode_utf8(std::string_view text) {
  const auto b0 = static_cast<std::uint8_t>(text[0]);
  if (b0 < 0x80) return {b0, 1};
  const std::size_t n = b0 >= 0xf0 ? 4 : b0 >= 0xe0 ? 3 : 2;
  static constexpr std::array<std::uint32_t, 5> kLeast = {0, 0, 0x80, 0x800, 0x10000};
  if (b0 < 0xc2 || b0 > 0xf4 || text.size() < n) return {};
  std::uint32_t code = b0 & (0xffU >> (n + 1));
  for (std::size_t i = 1; i < n; ++i) {
    const auto b = static_cast<std::uint8_t>(text[i]);
    if ((b & 0xc0) != 0x80) return {};
    code = (code << 6) | (b & 0x3fU);
  }
  if (code < kLeast[n] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return {};
  return {code, n};
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const Utf8Char character = decode_utf8(text);
    if (character.bytes == 0) return false;
    text.remove_prefix(character.bytes);
  }
  return true;
}

}  // namespace tocsin
