// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_writer.hpp"
#include "base/text.hpp"

namespace tocsin::test {

using Bytes = tocsin::ByteVector;
using tocsin::bytes_of;
using tocsin::ByteWriter;

// Blanks between the digits are passed over.
inline Bytes bytes_of_hex(std::string_view text) {
  std::string digits;
  for (const char c : text)
    if (c != ' ' && c != '\n') digits += c;
  std::vector<std::uint8_t> raw(digits.size() / 2);
  if (!from_hex(digits, raw)) throw std::runtime_error("not hex");
  const auto bytes = std::as_bytes(std::span(raw));
  return {bytes.begin(), bytes.end()};
}

}  // namespace tocsin::test
