// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/limits.hpp"
#include "base/result.hpp"
#include "hash/file_opener.hpp"
#include "hash/hash_cache.hpp"
#include "hash/hash_cache_file.hpp"
#include "hash/hash_cache_saver.hpp"
#include "hash/hash_counters.hpp"
#include "hash/hash_lane.hpp"
#include "hash/hash_request.hpp"
#include "hash/hash_result.hpp"
#include "hash/mmap_times_probe.hpp"
#include "hash/root_cache.hpp"

namespace tocsin {

struct HashServiceOptions {
  std::uint64_t max_bytes = 512ULL * 1024 * 1024;  // larger files are kTooLarge
  DigestNeeds needs;
  HashLane::Options lane;
  std::size_t queue_max = limits::kHashQueueMax;
  std::size_t tickets_max = limits::kHashTicketsMax;
  std::size_t cache_entries_max = limits::kHashCacheEntriesMax;
};

// Digests of what was executed. The file is found and pinned at once on the calling thread, which
// never waits for a disk or a server; it is read on worker threads, each file content once. Each
// queued file holds one descriptor, so the process's limit should be above limits::kHashQueueMax.
// All members are for the state thread.
class HashService {
 public:
  struct Submitted {
    std::optional<HashResult> result;  // known (or missed) at once
    std::uint64_t ticket = 0;          // else: drain() will bring the result under this number
  };

  static Result<std::unique_ptr<HashService>> create(HashServiceOptions options);
  // Stops the threads within about a second; results not yet drained are dropped.
  ~HashService();

  Submitted submit(const HashRequest& request);

  // Readable when drain() has something to tell.
  [[nodiscard]] int fd() const { return outbox_->fd(); }
  void drain(const std::function<void(std::uint64_t ticket, HashResult result)>& on_result);

  // Once a second: frees the queue from threads that hang.
  void maintain();

  // Which digests indicators need now. What is known without them will be read again when it is
  // next executed. Answers what OpenSSL can give (FIPS: no MD5).
  // Whether writes through a mapping move the times of files in memory.
  [[nodiscard]] bool memory_files_tell() { return mmap_times_.memory_files_tell(); }
  DigestNeeds set_needs(DigestNeeds needs);
  void set_max_bytes(std::uint64_t max_bytes) { options_.max_bytes = max_bytes; }
  // A mount namespace (inode number) has ended.
  void forget_namespace(std::uint32_t mnt_ns) { roots_.forget(mnt_ns); }

  // The file that keeps the cache over restarts (docs/hash-cache-format.md). An error is for the
  // log: the service works without, and the file is replaced at the next save.
  Result<HashCacheLoad> load_cache(const std::string& path);
  // At the end; blocks on the disk. Nothing to do when nothing was learned or no file was named.
  Result<void> save_cache();
  // Now and then: only the encoding (some ms for a full cache) happens here, the writing on a
  // thread. Skipped while the last one is still being written. What went wrong is told once by
  // take_save_error().
  void save_cache_soon();
  [[nodiscard]] std::optional<Error> take_save_error();

  [[nodiscard]] HashCounters counters() const;
  [[nodiscard]] HashCache& cache() { return cache_; }

 private:
  // Files that may hang and files that take long each have a lane of their own.
  enum Lane : std::size_t { kLocalSmall, kLocalBig, kDoubtfulSmall, kDoubtfulBig, kLaneCount };

  // What the kernel's integrity measurement says of the file. Where somebody else keeps the times
  // of a file it may remember an older content: not final then.
  struct ImaDigest {
    Sha256 sha256;
    bool is_final = true;
  };
  struct Waiting {
    std::uint64_t ticket = 0;
    HashRequest::Kind kind = HashRequest::Kind::kExecutable;
    bool memfd = false, unlinked = false;
    std::optional<ImaDigest> ima;
    FoundScript script;  // by the name of this very request
  };
  struct InFlight {
    HashKey key;
    DigestNeeds needs;
    bool script = false;
    bool shareable = false;
    std::vector<Waiting> waiting;
  };

  HashService(HashServiceOptions options, std::shared_ptr<HashOutbox> outbox,
              DigestNeeds available);
  std::optional<Submitted> known_or_shared(const HashRequest& request, const HashKey& key,
                                           const FoundFile& found);
  std::optional<HashResult> answer_at_once(const HashRequest& request, const FileIdentity& file,
                                           const HashKey& key);
  std::optional<Submitted> join(const HashRequest& request, const HashKey& key,
                                FoundScript script = {});
  Submitted enqueue(const HashRequest& request, const HashKey& key, FoundFile found);
  Submitted answer(const HashRequest& request, HashResult result);
  void settle(const HashOutcome& outcome, const InFlight& job);
  [[nodiscard]] bool times_tell(std::uint64_t magic);
  [[nodiscard]] bool identity_is_enough(const HashRequest& request, const FileIdentity& file);
  static Lane lane_of(const HashRequest& request, const FoundFile& found);
  static std::optional<ImaDigest> ima_of(const HashRequest& request);
  void prefer_ima(const std::optional<ImaDigest>& ima, HashResult& result);
  void count(const Waiting& request, const HashResult& result);
  HashTally& tally(HashRequest::Kind kind);
  [[nodiscard]] DigestNeeds needs_of(const HashRequest& request) const;

  HashServiceOptions options_;
  DigestNeeds available_;
  HashCache cache_;
  RootCache roots_;
  FileOpener opener_;
  MmapTimesProbe mmap_times_;
  HashCounters counters_;
  HashTally arguments_;  // told to nobody: what is no file was no script
  std::uint64_t last_ticket_ = 0;
  std::uint64_t last_job_ = 0;
  std::size_t tickets_ = 0;
  std::unordered_map<std::uint64_t, InFlight> in_flight_;              // by job
  std::unordered_map<HashKey, std::uint64_t, HashKeyHash> shareable_;  // identity → job
  std::shared_ptr<HashOutbox> outbox_;
  std::array<std::unique_ptr<HashLane>, kLaneCount> lanes_;
  HashCacheSaver saver_;
};

}  // namespace tocsin
