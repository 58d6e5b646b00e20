// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "alert/alert.hpp"
#include "base/clock.hpp"
#include "base/worker.hpp"
#include "history/retro_match.hpp"
#include "indicators/index.hpp"

namespace tocsin {

// Compares the history with indicators that have become known, and raises what was missed: once for
// each indicator and value, over restarts. The history is walked on a worker's thread, slice by
// slice; alerts are raised on the loop's, some at a time. Loop's thread only. Lives as long as the
// worker.
class Hindsight {
 public:
  struct Parts {
    Worker& worker;
    const Clock& clock;
    std::filesystem::path folder;      // state_dir/history
    std::function<bool()> flush;       // called on the worker's thread
    std::function<void(Alert)> raise;  // an alert without id
    std::function<void(std::vector<Reported>)> mark;
    std::function<void(std::string message)> on_trouble;
  };
  explicit Hindsight(Parts parts) : parts_(std::move(parts)) {}
  ~Hindsight();
  Hindsight(const Hindsight&) = delete;
  Hindsight& operator=(const Hindsight&) = delete;

  // Another index is active. A walk that runs begins anew.
  void look(std::shared_ptr<const Index> index);

  // An alert was raised, by hindsight or live. While a walk runs the marks of live ones wait: what
  // is seen again now must not hide that it was seen before.
  void on_alert(const Alert& alert);

  struct Counters {
    std::uint64_t walks = 0, rows = 0, alerts = 0, left_out = 0;
  };
  [[nodiscard]] const Counters& counters() const { return counters_; }
  [[nodiscard]] bool walking() const { return walking_; }

 private:
  class Walk;
  using SharedWalk = std::shared_ptr<Walk>;
  void begin();
  void step(const SharedWalk& walk);
  void stepped(const SharedWalk& walk, Result<bool> more);
  void tell(const SharedWalk& walk);
  void told(const SharedWalk& walk, Result<std::vector<RetroAlert>> alerts);
  void tell_rest(const Walk& walk);
  void end();

  Parts parts_;
  WallNs asked_ns_ = 0;                // when the last index came
  std::shared_ptr<const Index> next_;  // to walk with when the walk that runs is over
  bool walking_ = false;
  std::vector<Reported> held_;
  Counters counters_;
};

}  // namespace tocsin
