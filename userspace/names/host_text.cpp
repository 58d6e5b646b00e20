// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "names/host_text.hpp"

#include <array>
#include <cstdint>

namespace tocsin {
namespace {

char* write_byte(char* to, char c) {
  const auto b = static_cast<std::uint8_t>(c);
  if (c >= 'A' && c <= 'Z') {
    *to++ = static_cast<char>(c - 'A' + 'a');
  } else if (b > 0x20 && b < 0x7f && c != '.' && c != '\\') {
    *to++ = c;
  } else {
    *to++ = '\\';
    *to++ = static_cast<char>('0' + b / 100);
    *to++ = static_cast<char>('0' + b / 10 % 10);
    *to++ = static_cast<char>('0' + b % 10);
  }
  return to;
}

}  // namespace

char* write_label(char* to, ByteSpan label) {
  for (const char c : as_text(label)) to = write_byte(to, c);
  return to;
}

std::string canonical_host(std::string_view raw) {
  if (raw.ends_with('.')) raw.remove_suffix(1);
  if (raw.size() > kNameBytesMax) return {};
  std::array<char, kNameTextMax> text;
  char* to = text.data();
  for (const char c : raw) {
    if (c == '.')
      *to++ = c;
    else
      to = write_byte(to, c);
  }
  return {text.data(), to};
}

}  // namespace tocsin
