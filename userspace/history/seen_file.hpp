// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <utility>

#include "base/database.hpp"
#include "history/batch.hpp"
#include "history/history_limits.hpp"
#include "history/seen_rows.hpp"

namespace tocsin {

// seen.db for the writer: sightings, coverage and notes. One thread at a time.
class SeenFile {
 public:
  struct Options {
    RunFacts run;
    std::uint64_t days = 90;  // sightings last seen earlier are dropped
    std::size_t rows_max = limits::kSeenRowsMax;
    WallNs begun_anew_ns = 0;  // not 0: what was seen before is in a file that was set aside then
  };

  // run_id: the row of this run when it was begun already; 0: it is begun now.
  static Result<SeenFile> open(Database database, Options options, std::int64_t run_id);

  // The batch's sightings and notes, and that the daemon is alive at now; all or nothing.
  Result<void> write(const HistoryBatch& batch, WallNs now);
  // The last word of this run.
  Result<void> end_run(WallNs now);
  // Drops what is too much and, with by_age, what is too old: a slice. True: more is left.
  Result<bool> retain(WallNs now, bool by_age);

  // Contents dropped since the last call.
  std::uint64_t take_contents_dropped() { return std::exchange(contents_dropped_, 0); }
  [[nodiscard]] std::int64_t run_id() const { return run_id_; }
  [[nodiscard]] std::int64_t rows() const { return rows_.count(); }

 private:
  SeenFile(Database database, Options options)
      : database_(std::move(database)), options_(std::move(options)) {}
  Result<void> prepare();
  Result<void> begin();
  Result<void> begin_run();
  Result<void> write_all(const HistoryBatch& batch, WallNs now);
  Result<void> write_notes(const HistoryBatch& batch);
  Result<void> write_content(const ContentFacts& content);
  // Runs work in a transaction; a failure leaves the file and what is known of it as before.
  template <typename Work>
  Result<void> transact(Work&& work);
  Result<std::int64_t> drop_old(WallNs before, std::int64_t most);
  Result<void> drop_for_room(std::int64_t rows);
  Result<void> drop_orphans(WallNs before);

  Database database_;
  Options options_;
  std::int64_t run_id_ = 0;
  std::uint64_t contents_dropped_ = 0;
  SeenRows rows_;
  Statement content_, lost_, hashed_, blind_, reported_, alive_, drop_;
};

}  // namespace tocsin
