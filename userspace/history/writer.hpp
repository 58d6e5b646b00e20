// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "history/batch.hpp"
#include "history/day_file.hpp"
#include "history/history_file.hpp"
#include "history/history_limits.hpp"
#include "history/retention.hpp"
#include "history/seen_file.hpp"

namespace tocsin {

struct HistoryOptions {
  HistoryPlace place;
  RunFacts run;
  std::uint64_t days = 30;               // files of single events
  std::uint64_t max_bytes = 1ULL << 30;  // of them together
  std::uint64_t seen_days = 90;
  std::size_t seen_rows_max = limits::kSeenRowsMax;
  HistoryBatchLimits pending;
};

// Puts batches into seen.db and the files of days, and keeps both in their bounds. Blocks on the
// disk: for the writer thread. After a failure the same batch is given again: what is in its file
// is no longer in the batch.
class HistoryWriter {
 public:
  struct Facts {
    std::int64_t seen_rows = 0;
    std::uint64_t day_files = 0, day_bytes = 0, seen_bytes = 0;
    std::int64_t oldest_day = 0;  // Unix day; of no meaning without files
    std::uint64_t events_written = 0;
    std::uint64_t events_refused = 0;  // over max_bytes with today's file alone
    std::vector<std::string> remarks;  // damaged files set aside, since the last look
    // What seen.db has no longer although it was written: how often it was begun anew, and contents
    // that went with their sightings.
    std::uint64_t begun_anew = 0, contents_dropped = 0;
  };

  HistoryWriter(HistoryOptions options, std::shared_ptr<const Clock> clock);

  Result<void> write(HistoryBatch& batch);
  // Once in a while, when there is time: removes what is too old or too much.
  Result<void> maintain();
  // The run has ended in order.
  Result<void> end_run();
  // Looks at the folder: file sizes.
  Facts take_facts();

 private:
  Result<void> write_seen(const HistoryBatch& batch);
  Result<void> write_events(HistoryBatch& batch);
  Result<void> write_day(std::int64_t day, std::span<const SingleEvent* const> events);
  Result<void> sweep_seen(bool steady);
  Result<void> ensure_seen();
  Result<void> ensure_day(std::int64_t day);
  Result<void> retain_days(bool by_age);
  void note_aside(const std::string& name, std::string remark);
  // Runs work, which opens file; when that meets damage, sets the file aside.
  template <typename File, typename Work>
  Result<void> checked(std::optional<File>& file, const std::string& name, Work&& work);
  // And once more, on the new file.
  template <typename File, typename Work>
  Result<void> checked_twice(std::optional<File>& file, const std::string& name, Work&& work);

  HistoryOptions options_;
  std::shared_ptr<const Clock> clock_;
  SteadyClock steady_;
  std::optional<SeenFile> seen_;
  std::optional<DayFile> day_;
  std::int64_t run_id_ = 0;
  WallNs begun_anew_ns_ = 0;  // seen.db was set aside then, and the new one does not say so yet
  bool day_full_ = false;
  BootNs next_room_ = 0, next_sweep_ = 0;
  Facts facts_;
};

}  // namespace tocsin
