// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "base/sip_hash.hpp"

// The two hash functions of the index file. Both are part of the format: a change is a new version.
namespace tocsin {

// XXH64 with seed 0 (github.com/Cyan4973/xxHash, doc/xxhash_spec.md): checksum of a section.
std::uint64_t xxh64(std::span<const std::byte> bytes);

using NameHashKey = SipKey;

// Hash of a text below a parent: SipHash-1-3 over the parent's hash (8 bytes) and the text. A
// host name is hashed label by label from the right, so that one pass gives the hashes of all its
// suffixes; URLs and paths are one text below parent 0.
inline std::uint64_t chained_hash(NameHashKey key, std::uint64_t parent, std::string_view text) {
  SipHash<1, 3> hash(key);
  hash.word(parent);
  std::size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) {
    std::uint64_t m;
    std::memcpy(&m, text.data() + at, 8);
    hash.word(m);
  }
  std::uint64_t rest = 0;
  std::memcpy(&rest, text.data() + at, text.size() - at);
  return std::move(hash).finish(rest, 8 + text.size());
}

// Hash of a whole host name (canonical, no final dot).
std::uint64_t name_hash(NameHashKey key, std::string_view name);

}  // namespace tocsin
