// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "hash/hash_cache.hpp"

// The cache on disk: docs/hash-cache-format.md.
namespace tocsin {

using BootId = std::array<std::uint8_t, 16>;

// Of the running kernel; all zero when it cannot be read.
BootId read_boot_id();

struct HashCacheLoad {
  std::size_t kept = 0;
  std::size_t damaged = 0;  // checksum or reserved bits wrong
  std::size_t stale = 0;    // from another boot, on a device whose number means nothing now
  std::string remark;       // for the log; empty when all is well
};

// Adds the good rows of the bytes to the cache; boot_id is the running kernel's. Any bytes are
// safe. An error means that nothing could be taken.
Result<HashCacheLoad> decode_hash_cache(std::span<const std::uint8_t> bytes, const BootId& boot_id,
                                        HashCache& cache);
std::vector<std::uint8_t> encode_hash_cache(const HashCache& cache, const BootId& boot_id,
                                            WallNs now_ns);

// A missing file is no error: nothing kept.
Result<HashCacheLoad> load_hash_cache(const std::string& path, HashCache& cache);
// Whole or not at all. Blocks on the disk.
Result<void> write_hash_cache(const std::string& path, std::span<const std::uint8_t> bytes);

}  // namespace tocsin
