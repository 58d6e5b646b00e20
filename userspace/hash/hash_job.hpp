// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <atomic>
#include <cstdint>
#include <stop_token>

#include "hash/digest_file.hpp"
#include "hash/file_opener.hpp"
#include "hash/hash_request.hpp"
#include "hash/hash_result.hpp"

namespace tocsin {

// One file to be read, with all a worker thread needs: nothing is shared with the state thread.
struct HashJob {
  std::uint64_t id = 0;
  HashRequest request;
  FoundFile found;  // pinned, or to be found by its path
  DigestNeeds needs;
  std::uint64_t max_bytes = 0;
  // False: the file system does not move the change time with every change (MmapTimesProbe).
  bool times_tell = true;
};

struct HashOutcome {
  std::uint64_t id = 0;
  HashResult result;
  FileIdentity file;  // what was read
  // No other content can ever show the same identity: see docs/hash-cache-format.md.
  bool rememberable = false;
  std::uint64_t fs_magic = 0;
  std::uint64_t bytes_read = 0;
  std::uint64_t took_ns = 0;
};

// Finds (if need be), opens, reads and verifies. May block on disks and servers; pulse_ns tells
// that it is alive.
HashOutcome run_hash_job(HashJob job, FileDigester& digester, std::stop_token stop,
                         std::atomic<std::int64_t>& pulse_ns);

}  // namespace tocsin
