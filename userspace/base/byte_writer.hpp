// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace tocsin {

using ByteVector = std::vector<std::byte>;

inline ByteVector bytes_of(std::string_view text) {
  const auto raw = std::as_bytes(std::span(text));
  return {raw.begin(), raw.end()};
}

// Builds packets in network order.
class ByteWriter {
 public:
  ByteWriter& u8(std::uint64_t v) { return number(v, 1); }
  ByteWriter& u16(std::uint64_t v) { return number(v, 2); }
  ByteWriter& u24(std::uint64_t v) { return number(v, 3); }
  ByteWriter& u32(std::uint64_t v) { return number(v, 4); }
  // Variable-length integer of RFC 9000 section 16.
  ByteWriter& quic_varint(std::uint64_t v) {
    if (v < 64) return u8(v);
    if (v < 16'384) return u16(v | 0x4000);
    if (v < 1 << 30) return u32(v | 0x8000'0000);
    return u32(v >> 32 | 0xc000'0000).u32(v & 0xffff'ffff);
  }
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

  [[nodiscard]] const ByteVector& bytes() const { return bytes_; }
  [[nodiscard]] std::size_t size() const { return bytes_.size(); }

 private:
  ByteWriter& number(std::uint64_t v, int size) {
    for (int shift = 8 * (size - 1); shift >= 0; shift -= 8)
      bytes_.push_back(static_cast<std::byte>(v >> shift));
    return *this;
  }

  ByteVector bytes_;
};

}  // namespace tocsin
