// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/process_id.hpp"
#include "base/result.hpp"

namespace tocsin {

struct HuntResult;

// Days (their start) that have a file of single events, latest first.
std::vector<std::pair<WallNs, std::filesystem::path>> day_files(
    const std::filesystem::path& folder);

// One event out of the file of its day.
struct Occurrence {
  WallNs time_ns = 0;
  std::string event;  // its kind's name
  ProcessId process;
  std::string who;    // JSON of who's facts; empty: unknown
  std::string value;  // as the file has it, for people
  std::optional<std::uint16_t> port;
};

// Adds the latest single events of what was seen, while there is time: of the first
// kHuntOccurringMax results, kHuntOccurrencesMax each. A day's file that is gone or cannot be read
// has none.
Result<void> add_occurrences(const std::filesystem::path& folder, std::vector<HuntResult>& results);

}  // namespace tocsin
