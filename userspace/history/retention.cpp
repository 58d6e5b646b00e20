// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "history/retention.hpp"

#include <algorithm>
#include <utility>

#include "history/batch.hpp"
#include "history/history_file.hpp"
#include "history/schema.hpp"

namespace tocsin {
namespace {

constexpr WallNs kForwardStepNs = 3'600 * kNsPerSecond;
constexpr BootNs kSteadyNs = 600ULL * kNsPerSecond;

}  // namespace

std::vector<DayFileFacts> list_day_files(const std::filesystem::path& folder) {
  std::vector<DayFileFacts> out;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored))
    if (const auto day = day_of_file(entry.path().filename().string()))
      out.push_back({entry.path(), unix_day(*day), history_file_bytes(entry.path())});
  std::ranges::sort(out, {}, &DayFileFacts::day);
  return out;
}

Result<std::vector<DayFileFacts>> retain_day_files(const std::filesystem::path& folder,
                                                   const DayRetention& rule) {
  std::uint64_t bytes = 0;
  std::vector<DayFileFacts> past, kept, future;
  for (auto& file : list_day_files(folder)) {
    bytes += file.bytes;
    auto& part = file.day < rule.today ? past : file.day == rule.today ? kept : future;
    part.push_back(std::move(file));
  }
  const auto oldest = rule.today - static_cast<std::int64_t>(rule.days) + 1;
  for (auto* part : {&past, &future}) {
    for (auto& file : *part) {
      const bool too_old = rule.by_age && file.day < oldest;
      if (too_old || bytes > rule.max_bytes) {
        TOCSIN_TRY_VOID(remove_history_file(file.path));
        bytes -= file.bytes;
      } else {
        kept.push_back(std::move(file));
      }
    }
  }
  std::ranges::sort(kept, {}, &DayFileFacts::day);
  return kept;
}

SteadyClock::SteadyClock(const Clock& clock)
    : clock_(clock), epoch_ns_(boot_epoch_ns(clock)), since_ns_(clock.boot_ns()) {}

bool SteadyClock::steady() {
  const auto epoch = boot_epoch_ns(clock_);
  const auto now = clock_.boot_ns();
  if (epoch > epoch_ns_ + kForwardStepNs) since_ns_ = now;
  epoch_ns_ = epoch;
  return now >= since_ns_ + kSteadyNs;
}

}  // namespace tocsin
