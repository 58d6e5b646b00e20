// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "history/reader.hpp"
#include "history/record.hpp"

// What the looking was worth in a period: without it, "not seen" means nothing.
namespace tocsin {

// Nobody watched. The daemon before it may have worked a little longer when it was killed.
struct CoverageGap {
  WallNs from_ns = 0, to_ns = 0;
  bool begin_unknown = false;
};

// A hook that was missing in some runs, or in all of them.
struct MissingHook {
  std::string why;
  std::uint64_t runs = 0;
};

struct Coverage {
  WallNs from_ns = 0, to_ns = 0;        // the period that is judged
  std::optional<WallNs> kept_from_ns;   // sightings go back to here; nullopt: nothing ever ran
  std::optional<WallNs> asked_from_ns;  // the period was asked to begin here
  std::uint64_t runs = 0;               // of the daemon, that lie in the period
  std::uint64_t gap_count = 0;          // all of them
  WallNs gap_ns = 0;
  std::vector<CoverageGap> gaps;                // the longest kCoverageGapsMax, earliest first
  std::map<std::string, std::uint64_t> lost;    // stage → events
  std::map<std::string, std::uint64_t> hashed;  // rung or miss → executions
  std::uint64_t blind_count = 0;
  std::vector<BlindPeriod> blind;                    // the first kCoverageGapsMax
  std::map<std::string, MissingHook> missing_hooks;  // event → what was missing
  HistoryReader::ContentCounts contents;
  std::uint64_t rows_dropped = 0;  // for room, over all time
  bool cut = false;  // sightings go back so far only because others went for room, or with a file

  [[nodiscard]] bool watched() const { return runs > 0; }
  // The period was asked to begin before sightings go back.
  [[nodiscard]] bool begins_early() const {
    return asked_from_ns && (!kept_from_ns || *asked_from_ns < *kept_from_ns);
  }
  // Without the hook in every run of the period.
  [[nodiscard]] bool never_had(const std::string& hook) const;
  [[nodiscard]] std::uint64_t executions_not_hashed() const;
  // How long something watched, ns.
  [[nodiscard]] WallNs watched_ns() const { return to_ns - from_ns - gap_ns; }
};

struct CoverageQuestion {
  std::optional<WallNs> since_ns;  // nullopt: as far back as sightings go
  WallNs now_ns = 0;
  std::optional<WallNs> until_ns = {};  // nullopt: up to now
};

Result<Coverage> read_coverage(HistoryReader& reader, const CoverageQuestion& question);

// Only runs, gaps and losses of a stretch of the past.
Result<Coverage> read_watch(HistoryReader& reader, WallNs from_ns, WallNs to_ns);

}  // namespace tocsin
