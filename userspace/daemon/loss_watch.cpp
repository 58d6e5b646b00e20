// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/loss_watch.hpp"

#include <utility>

namespace tocsin {

void LossWatch::observe(const std::string& stage, std::uint64_t total) {
  if (total == 0) return;
  auto& s = stages_[stage];
  if (total > s.seen) s.seen = total;
}

std::vector<LossEvent> LossWatch::take(WallNs now) {
  std::vector<LossEvent> out;
  for (auto& [name, stage] : stages_) {
    if (stage.seen == stage.told) continue;
    out.push_back({now, name, stage.seen - std::exchange(stage.told, stage.seen)});
  }
  return out;
}

}  // namespace tocsin
