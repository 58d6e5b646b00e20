// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "names/host_text.hpp"

#include <cstdint>

namespace tocsin {
namespace {

void append_byte(std::string& out, char c) {
  const auto b = static_cast<std::uint8_t>(c);
  if (c >= 'A' && c <= 'Z') {
    out += static_cast<char>(c - 'A' + 'a');
  } else if (b > 0x20 && b < 0x7f && c != '.' && c != '\\') {
    out += c;
  } else {
    out += '\\';
    out += static_cast<char>('0' + b / 100);
    out += static_cast<char>('0' + b / 10 % 10);
    out += static_cast<char>('0' + b % 10);
  }
}

}  // namespace

void append_label(std::string& out, ByteSpan label) {
  for (const char c : as_text(label)) append_byte(out, c);
}

std::string canonical_host(std::string_view raw) {
  std::string out;
  if (raw.ends_with('.')) raw.remove_suffix(1);
  if (raw.size() > kNameBytesMax) return out;
  out.reserve(raw.size());
  for (const char c : raw) {
    if (c == '.')
      out += c;
    else
      append_byte(out, c);
  }
  return out;
}

}  // namespace tocsin
