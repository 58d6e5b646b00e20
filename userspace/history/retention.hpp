// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace tocsin {

struct DayFileFacts {
  std::filesystem::path path;
  std::int64_t day = 0;  // Unix day
  std::uint64_t bytes = 0;
};

// Oldest first.
std::vector<DayFileFacts> list_day_files(const std::filesystem::path& folder);

struct DayRetention {
  std::int64_t today = 0;  // Unix day; its file stays whatever its size
  bool by_age = true;
  std::uint64_t days = 30;  // of these, today included, files stay
  std::uint64_t max_bytes = 0;
};

// Unlinks files of days by age, then the oldest until all fit. Files of later days than today were
// made by a clock that was wrong: they have no age, and go last for room. Answers what is left,
// oldest first.
Result<std::vector<DayFileFacts>> retain_day_files(const std::filesystem::path& folder,
                                                   const DayRetention& rule);

// Whether the wall clock can be believed enough to delete by it: it has not been set forward by
// more than an hour for some minutes. A clock that jumps by years does so before it is put right.
class SteadyClock {
 public:
  explicit SteadyClock(const Clock& clock);
  bool steady();

 private:
  const Clock& clock_;
  WallNs epoch_ns_;
  BootNs since_ns_;
};

}  // namespace tocsin
