// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "hash/hash_cache_saver.hpp"

#include <utility>

#include "hash/hash_cache_file.hpp"

namespace tocsin {

Result<void> HashCacheSaver::save(const HashCache& cache) {
  if (writer_.joinable()) writer_.join();
  if (!needed(cache)) return {};
  auto saved =
      write_hash_cache(path_, encode_hash_cache(cache, read_boot_id(), SystemClock().wall_ns()));
  if (saved) saved_changes_ = cache.changes();
  return saved;
}

void HashCacheSaver::save_soon(const HashCache& cache) {
  {
    const std::lock_guard lock(mutex_);
    if (writing_ || !needed(cache)) return;
    writing_ = true;
  }
  if (writer_.joinable()) writer_.join();  // it has finished writing
  saved_changes_ = cache.changes();
  writer_ =
      std::jthread([this, path = path_,
                    bytes = encode_hash_cache(cache, read_boot_id(), SystemClock().wall_ns())] {
        auto written = write_hash_cache(path, bytes);
        const std::lock_guard lock(mutex_);
        writing_ = false;
        if (!written) error_ = std::move(written).error();
      });
}

std::optional<Error> HashCacheSaver::take_error() {
  const std::lock_guard lock(mutex_);
  if (error_) saved_changes_ = UINT64_MAX;  // not on the disk after all: the next save tries again
  return std::exchange(error_, std::nullopt);
}

}  // namespace tocsin
