// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace tocsin {

using ByteSpan = std::span<const std::byte>;

// The same bytes as text; nothing is copied or checked.
inline std::string_view as_text(ByteSpan bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Reads hostile bytes in network order. A read beyond the end gives zero or nothing and makes ok()
// false from then on, so a parser may check once behind several reads.
class ByteReader {
 public:
  explicit ByteReader(ByteSpan bytes) : bytes_(bytes) {}

  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool at_end() const { return at_ == bytes_.size(); }
  [[nodiscard]] std::size_t left() const { return bytes_.size() - at_; }
  [[nodiscard]] std::size_t offset() const { return at_; }
  [[nodiscard]] ByteSpan rest() const { return bytes_.subspan(at_); }

  std::uint8_t u8() { return static_cast<std::uint8_t>(number(1)); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(number(2)); }
  std::uint32_t u24() { return static_cast<std::uint32_t>(number(3)); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(number(4)); }
  // Variable-length integer of RFC 9000 section 16.
  std::uint64_t quic_varint() {
    if (left() == 0) return fail();
    const auto size = std::size_t{1} << (std::to_integer<unsigned>(bytes_[at_]) >> 6);
    const auto raw = number(size);
    return raw & (~std::uint64_t{0} >> (66 - 8 * size));
  }

  ByteSpan take(std::size_t size) {
    if (size > left()) return fail(), ByteSpan();
    const auto taken = bytes_.subspan(at_, size);
    at_ += size;
    return taken;
  }
  void skip(std::size_t size) { take(size); }
  // A field behind its own length of one or two bytes.
  ByteSpan take_u8_sized() { return take(u8()); }
  ByteSpan take_u16_sized() { return take(u16()); }

 private:
  std::uint64_t number(std::size_t size) {
    std::uint64_t value = 0;
    for (const auto b : take(size)) value = value << 8 | std::to_integer<std::uint64_t>(b);
    return value;
  }
  std::uint64_t fail() {
    ok_ = false;
    at_ = bytes_.size();
    return 0;
  }

  ByteSpan bytes_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

}  // namespace tocsin
