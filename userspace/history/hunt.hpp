// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "history/coverage.hpp"
#include "history/history_limits.hpp"
#include "history/hunt_value.hpp"
#include "history/occurrences.hpp"
#include "history/reader.hpp"

// "Was this host hit?": what the history says about values, and what its silence is worth.
// docs/hunting.md has the meaning of every answer.
namespace tocsin {

enum class Verdict : std::uint8_t { kSeen, kNotSeen, kNotKept, kCannotKnow };
std::string_view to_string(Verdict verdict);  // "seen", "not seen", "not kept that long", …
inline constexpr std::size_t kVerdicts = 4;

// How many alerts a value would have raised, after the folding of repeats: a day counts once for
// each program and kind of alert at least, and once for each fold window at most.
struct AlertEstimate {
  std::uint64_t least = 0, most = 0;
};

struct HuntResult {
  HuntValue value;
  Verdict verdict = Verdict::kNotSeen;
  std::string why;  // kNotKept, kCannotKnow: a sentence; kSeen: what weakens it; may be empty
  // Of all sightings that reach into the period; the first may lie before it.
  WallNs first_ns = 0, last_ns = 0;
  std::uint64_t count = 0;
  std::uint64_t days = 0;                // of the sighting with the most: at least so many
  std::uint64_t rows = 0;                // distinct (value, program, container)
  bool cut = false;                      // rows were left out: every figure is "at least"
  std::optional<WallNs> last_before_ns;  // not seen in the period, but before it
  std::vector<SightingRow> sightings;    // the latest and the first, latest first
  std::vector<Occurrence> occurrences;   // single events, latest first
  AlertEstimate alerts;
};

struct HuntOptions {
  std::optional<WallNs> since_ns;
  WallNs now_ns = 0;
  std::uint64_t fold_window_ns = 0;  // for the estimate; 0: nothing is folded
  bool occurrences = false;          // single events are looked for, too
  // Rows read, and the time that takes; what is left then is not looked at.
  std::uint64_t visits_max = limits::kHuntVisitsMax;
  std::uint64_t at_most_ns = limits::kHuntNs;
  std::stop_token stop = {};  // the same, at once
};

struct HuntReport {
  Coverage coverage;
  std::vector<HuntResult> results;  // in the order of the values
  std::array<std::uint64_t, kVerdicts> by_verdict{};
};

Result<HuntReport> hunt(HistoryReader& reader, const std::vector<HuntValue>& values,
                        const HuntOptions& options);

// What it is worth that there was no sighting of this value.
struct Silence {
  Verdict verdict = Verdict::kNotSeen;
  std::string why;
};
Silence judge_silence(const HuntValue& value, const Coverage& coverage);

AlertEstimate estimate_alerts(const SightingRow& row, std::uint64_t fold_window_ns);

}  // namespace tocsin
