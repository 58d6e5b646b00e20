// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "event/event.hpp"

namespace tocsin {

// Turns counters that only grow into loss events: what was lost since the last look, by stage.
class LossWatch {
 public:
  // total: lost at this stage since the start. Stages are named "ring/exec", "hash/queue-full", …
  void observe(const std::string& stage, std::uint64_t total);
  // One event per stage that lost something since the last call.
  std::vector<LossEvent> take(WallNs now);

 private:
  struct Stage {
    std::uint64_t seen = 0;
    std::uint64_t told = 0;
  };
  std::map<std::string, Stage> stages_;
};

}  // namespace tocsin
