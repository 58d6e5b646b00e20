// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "base/result.hpp"
#include "hash/hash_cache.hpp"

namespace tocsin {

// Writes the cache to its file, at most one writing at a time. State thread only.
class HashCacheSaver {
 public:
  // Empty: nothing is ever saved.
  void set_path(std::string path) { path_ = std::move(path); }
  // The file holds what the cache was at that HashCache::changes().
  void mark_saved(std::uint64_t changes) { saved_changes_ = changes; }

  Result<void> save(const HashCache& cache);
  void save_soon(const HashCache& cache);
  [[nodiscard]] std::optional<Error> take_error();

 private:
  [[nodiscard]] bool needed(const HashCache& cache) const {
    return !path_.empty() && cache.changes() != saved_changes_;
  }

  std::string path_;
  std::uint64_t saved_changes_ = 0;
  std::mutex mutex_;  // of the two below
  bool writing_ = false;
  std::optional<Error> error_;
  std::jthread writer_;
};

}  // namespace tocsin
