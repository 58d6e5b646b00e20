// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.hpp"

namespace tocsin::test {

using Bytes = std::vector<std::byte>;

inline Bytes bytes_of(std::string_view text) {
  const auto raw = std::as_bytes(std::span(text));
  return {raw.begin(), raw.end()};
}

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

// Builds packets in network order.
class ByteWriter {
 public:
  ByteWriter& u8(std::uint64_t v) { return number(v, 1); }
  ByteWriter& u16(std::uint64_t v) { return number(v, 2); }
  ByteWriter& u24(std::uint64_t v) { return number(v, 3); }
  ByteWriter& u32(std::uint64_t v) { return number(v, 4); }
  ByteWriter& text(std::string_view t) { return raw(std::as_bytes(std::span(t))); }
  ByteWriter& raw(std::span<const std::byte> b) {
    bytes_.insert(bytes_.end(), b.begin(), b.end());
    return *this;
  }
  ByteWriter& fill(std::size_t size, std::uint8_t value = 0) {
    bytes_.insert(bytes_.end(), size, std::byte{value});
    return *this;
  }
  // A field behind its own length of one or two bytes.
  ByteWriter& u8_sized(std::span<const std::byte> b) { return u8(b.size()).raw(b); }
  ByteWriter& u16_sized(std::span<const std::byte> b) { return u16(b.size()).raw(b); }

  [[nodiscard]] const Bytes& bytes() const { return bytes_; }
  [[nodiscard]] std::size_t size() const { return bytes_.size(); }

 private:
  ByteWriter& number(std::uint64_t v, int size) {
    for (int shift = 8 * (size - 1); shift >= 0; shift -= 8)
      bytes_.push_back(static_cast<std::byte>(v >> shift));
    return *this;
  }

  Bytes bytes_;
};

}  // namespace tocsin::test
