// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/disk_thread.hpp"
#include "history/batch.hpp"
#include "history/writer.hpp"

namespace tocsin {

enum class HistoryState : std::uint8_t {
  kStarting,  // nothing was written yet
  kOk,
  kFailing,  // the last write failed and is tried again every second
  kStuck,    // one write takes long: the disk does not answer
};

std::string_view to_string(HistoryState state);  // "starting", …

struct HistoryStatus {
  HistoryState state = HistoryState::kStarting;
  std::string detail;  // for people: the error
  HistoryWriter::Facts files;
  std::size_t pending_events = 0, pending_seen = 0;
  std::uint64_t lost_events = 0, lost_seen = 0;  // since the start
  WallNs committed_ns = 0;                       // last transaction; 0: none yet
};

// What the host remembers: takes records in memory, merged at once, and writes them every second
// on a thread of its own. Nothing here waits for the disk but flush_wait() and stop(). May be used
// from any thread.
class HistoryStore {
 public:
  explicit HistoryStore(HistoryOptions options,
                        std::shared_ptr<const Clock> clock = std::make_shared<SystemClock>());
  // As stop(0).
  ~HistoryStore();

  // The records that wait, to add to; nobody else gets at them meanwhile, so keep it short.
  class Pending;
  [[nodiscard]] Pending pending();

  // Told on the writer's thread after what was added before is committed (true) or the attempt
  // failed (false).
  using Flushed = std::function<void(bool committed)>;
  void flush(Flushed done);
  bool flush_wait(std::chrono::milliseconds at_most);

  [[nodiscard]] HistoryStatus status() const;
  // Changes when seen.db has no longer what it was told: who tells things once tells them again.
  struct Forgotten {
    std::uint64_t begun_anew = 0;  // times that it was damaged: everything is gone
    std::uint64_t contents = 0;    // dropped with their sightings
  };
  [[nodiscard]] Forgotten forgotten() const;
  // Files that were damaged and set aside since the last call: for an alert.
  std::vector<std::string> take_remarks();

  // Writes what waits, and that the run ended in order. False: the disk did not take it in time.
  bool stop(std::chrono::milliseconds at_most);

 private:
  class Core;
  std::shared_ptr<Core> core_;  // shared with the thread, which may be left behind
  DiskThread thread_;
};

class HistoryStore::Pending {
 public:
  Pending(const Pending&) = delete;
  Pending& operator=(const Pending&) = delete;
  ~Pending();
  HistoryBatch* operator->() { return &batch_; }
  HistoryBatch& operator*() { return batch_; }

 private:
  friend class HistoryStore;
  Pending(HistoryStore& store, std::mutex& mutex, HistoryBatch& batch)
      : store_(store), lock_(mutex), batch_(batch) {}
  HistoryStore& store_;
  std::unique_lock<std::mutex> lock_;
  HistoryBatch& batch_;
};

}  // namespace tocsin
