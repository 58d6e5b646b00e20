// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <array>
#include <cstdint>

#include "base/histogram.hpp"
#include "hash/hash_result.hpp"

namespace tocsin {

// How it went with one kind of request. Every request ends as hashed or as missed.
struct HashTally {
  std::uint64_t requests = 0;
  std::uint64_t hashed = 0;   // digest known, cached ones and doubted ones included
  std::uint64_t cached = 0;   // of these, without reading
  std::uint64_t shared = 0;   // of these, by a read that another request had asked for
  std::uint64_t doubted = 0;  // of these, HashResult::doubt is set
  std::array<std::uint64_t, kHashRungCount> by_rung{};  // of these, by HashRung
  std::uint64_t missed = 0;
  std::array<std::uint64_t, kHashMissCount> by_miss{};  // by HashMiss
  // kGone by what the file was when it was executed.
  std::uint64_t gone_memfd = 0, gone_unlinked = 0, gone_other = 0;

  // Hashed share of what is decided; 1 when nothing is.
  [[nodiscard]] double coverage() const {
    const auto decided = hashed + missed;
    return decided == 0 ? 1.0 : static_cast<double>(hashed) / static_cast<double>(decided);
  }
};

struct HashCounters {
  HashTally executables;
  HashTally scripts;
  HashTally modules;
  std::uint64_t files_read = 0;
  std::uint64_t bytes_read = 0;
  DurationHistogram reading;              // on the workers, waiting included
  std::uint64_t ns_finding = 0;           // on the state thread
  std::uint64_t ima_differs = 0;          // the kernel's digest and ours differ
  std::uint64_t queued = 0;               // now
  std::uint64_t threads_left_behind = 0;  // hanging in a file system
  std::uint64_t cache_entries = 0;        // now
  std::uint64_t cache_evicted = 0;
  std::uint64_t roots_evicted = 0;
};

}  // namespace tocsin
