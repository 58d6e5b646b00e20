// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>

namespace tocsin {

struct SipKey {
  std::uint64_t k0 = 0;
  std::uint64_t k1 = 0;
};

// SipHash (Aumasson and Bernstein 2012), a hash that nobody can aim at without the key. 1-3 rounds
// are what hash tables use; 2-4 is the published function, for hashes that stand for the text.
template <int kCompressRounds, int kFinalRounds>
class SipHash {
 public:
  explicit SipHash(SipKey key)
      : v0_(key.k0 ^ 0x736f6d6570736575ULL),
        v1_(key.k1 ^ 0x646f72616e646f6dULL),
        v2_(key.k0 ^ 0x6c7967656e657261ULL),
        v3_(key.k1 ^ 0x7465646279746573ULL) {}

  std::uint64_t operator()(std::string_view text) && {
    const std::size_t whole = text.size() & ~std::size_t{7};
    for (std::size_t i = 0; i < whole; i += 8) word(load(text.data() + i, 8));
    return std::move(*this).finish(load(text.data() + whole, text.size() - whole), text.size());
  }
  void word(std::uint64_t m) {
    v3_ ^= m;
    for (int i = 0; i < kCompressRounds; ++i) round();
    v0_ ^= m;
  }
  // rest: the last 0 to 7 bytes; total: bytes of the whole message.
  std::uint64_t finish(std::uint64_t rest, std::size_t total) && {
    word(rest | static_cast<std::uint64_t>(total & 0xff) << 56);
    v2_ ^= 0xff;
    for (int i = 0; i < kFinalRounds; ++i) round();
    return v0_ ^ v1_ ^ v2_ ^ v3_;
  }

 private:
  static std::uint64_t load(const char* p, std::size_t n) {
    std::uint64_t value = 0;
    std::memcpy(&value, p, n);
    return value;
  }
  void round() {
    v0_ += v1_;
    v1_ = std::rotl(v1_, 13) ^ v0_;
    v0_ = std::rotl(v0_, 32);
    v2_ += v3_;
    v3_ = std::rotl(v3_, 16) ^ v2_;
    v0_ += v3_;
    v3_ = std::rotl(v3_, 21) ^ v0_;
    v2_ += v1_;
    v1_ = std::rotl(v1_, 17) ^ v2_;
    v2_ = std::rotl(v2_, 32);
  }
  std::uint64_t v0_, v1_, v2_, v3_;
};

}  // namespace tocsin
