// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/killed_files.hpp"

#include <algorithm>

#include "capture/capture_limits.hpp"
#include "detect/indicator_match.hpp"

namespace tocsin {

void KilledFiles::add(const File& file, const FileDigests& digests, const Index& index) {
  if (file.ino == 0) return;
  const auto until = acts_until(digests, index);
  if (!until) return;
  const auto known = files_.find(file);
  if (known != files_.end() && known->second.until_ns == *until) return;
  if (parts_.is_vital && parts_.is_vital(file)) {
    ++counters_.vital;
    return;
  }
  if (known == files_.end() && files_.size() >= limits::kBadFilesMax) {
    ++counters_.left_out;
    return;
  }
  if (!put(file, *until)) return;
  files_.insert_or_assign(file, Known{digests, *until});
  counters_.files = files_.size();
  next_change_ = std::min(next_change_, *until);
}

bool KilledFiles::forget(const File& file) {
  if (files_.erase(file) == 0) return false;
  parts_.kernel.forget_file(file);
  counters_.files = files_.size();
  return true;
}

void KilledFiles::apply(const Index& index) {
  next_change_ = INT64_MAX;
  for (auto it = files_.begin(); it != files_.end();) {
    auto& [file, known] = *it;
    const auto until = acts_until(known.digests, index);
    if (!until || (*until != known.until_ns && !put(file, *until))) {
      parts_.kernel.forget_file(file);
      it = files_.erase(it);
      continue;
    }
    known.until_ns = *until;
    next_change_ = std::min(next_change_, *until);
    ++it;
  }
  counters_.files = files_.size();
}

std::optional<WallNs> KilledFiles::acts_until(const FileDigests& digests,
                                              const Index& index) const {
  const auto now = parts_.clock.wall_ns();
  return parts_.policy.acts_until(digests, match_digests(index, digests, "process.hash", now), now);
}

bool KilledFiles::put(const File& file, WallNs until) {
  using Act = DenialTables::Verdict::Act;
  const DenialTables::Verdict verdict{
      .act = parts_.policy.dry_run() ? Act::kRehearse : Act::kDeny,
      .until_ns = until == INT64_MAX ? 0 : boot_at(parts_.clock, until)};
  if (parts_.kernel.kill_file(file, verdict)) return true;
  ++counters_.left_out;
  return false;
}

}  // namespace tocsin
