// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "base/text.hpp"

namespace tocsin {

// A digest of N bytes; its text form is lower-case hex.
template <std::size_t N>
struct DigestOf {
  static constexpr std::size_t kBytes = N;
  std::array<std::uint8_t, N> bytes{};

  [[nodiscard]] std::string hex() const { return to_hex(bytes); }
  // Upper and lower case are read; anything else than exactly 2 N hex digits is refused.
  static std::optional<DigestOf> parse(std::string_view text) {
    DigestOf d;
    if (!from_hex(text, d.bytes)) return std::nullopt;
    return d;
  }
  friend auto operator<=>(const DigestOf&, const DigestOf&) = default;
};

using Sha256 = DigestOf<32>;
using Sha1 = DigestOf<20>;
using Md5 = DigestOf<16>;

// What one read of a file gives. SHA-1 and MD5 only when an indicator asks for them.
struct FileDigests {
  Sha256 sha256;
  std::optional<Sha1> sha1;
  std::optional<Md5> md5;
  friend bool operator==(const FileDigests&, const FileDigests&) = default;
};

struct DigestHash {
  template <std::size_t N>
  std::size_t operator()(const DigestOf<N>& d) const {
    std::size_t h;
    std::memcpy(&h, d.bytes.data(), sizeof h);  // digests are uniform already
    return h;
  }
};

}  // namespace tocsin
