// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "alert/alert.hpp"
#include "event/event.hpp"

namespace tocsin {

// Remembers what was lost and when, so that a verdict can name the losses of the period it judges.
// State thread only. Minutes older than a day are folded into the totals.
class LossLedger {
 public:
  void add(const LossEvent& loss);
  // Losses at or after since_ns, summed by stage.
  [[nodiscard]] LossState since(WallNs since_ns) const;
  [[nodiscard]] const std::map<std::string, std::uint64_t>& totals() const { return totals_; }

 private:
  struct Minute {
    WallNs start_ns;
    std::map<std::string, std::uint64_t> lost;
  };
  std::deque<Minute> minutes_;  // only minutes with loss
  std::map<std::string, std::uint64_t> totals_;
};

}  // namespace tocsin
