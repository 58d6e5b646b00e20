// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "alert/alert.hpp"
#include "base/limits.hpp"

namespace tocsin {

// What makes two alerts the same finding: kind, severity, indicator values with their sets, content
// of the program (its path when there is no digest), destination and container. Beacons, incidents
// and health alerts have no indicator: their message counts too.
std::string fold_key(const Alert& alert);

struct FoldOptions {
  std::uint64_t window_ns = limits::kFoldWindowNs;  // 0: nothing is folded
  std::size_t keys_max = limits::kFoldKeysMax;
  std::size_t held_bytes_max = limits::kFoldHeldBytesMax;
};

struct FoldStats {
  std::uint64_t folded = 0;   // alerts that were counted instead of reported
  std::uint64_t evicted = 0;  // windows closed early for room; what they held was reported
};

// Folds repeats: the first alert of a finding is reported at once, the ones within the window are
// counted, and at its end the last of them is reported with the count. Nothing is dropped: at any
// time, alerts added = alerts reported + the sum of their repeats + what pending() says.
// State thread only; time is boot time, so that a stepped wall clock opens and closes nothing.
class AlertFold {
 public:
  explicit AlertFold(FoldOptions options = {}) : options_(options) {}

  // The alerts to report now, in order: none when it was folded; more than one when windows had to
  // be closed for room.
  std::vector<Alert> add(Alert alert, BootNs now);
  // Windows that have ended. Call about once a second.
  std::vector<Alert> expire(BootNs now);
  // Every held repeat, at a stop.
  std::vector<Alert> flush();

  // Alerts folded and not yet reported, neither by themselves nor as repeats.
  [[nodiscard]] std::uint64_t pending() const { return pending_; }
  [[nodiscard]] std::size_t keys() const { return windows_.size(); }
  [[nodiscard]] const FoldStats& stats() const { return stats_; }

 private:
  struct Window {
    std::string key;
    BootNs ends = 0;
    std::uint64_t repeats = 0;  // folded in this window
    std::optional<Alert> last;  // the latest of them
    std::size_t last_bytes = 0;
  };
  using Windows = std::list<Window>;  // earliest end first: all windows are equally long

  void open(std::string key, BootNs now);
  void fold_into(Window& window, Alert alert);
  // Takes what the window holds, as one alert; nothing when it holds none.
  void take_held(Window& window, std::vector<Alert>& out);
  void close_first(std::vector<Alert>& out);

  FoldOptions options_;
  Windows windows_;
  std::unordered_map<std::string, Windows::iterator> by_key_;
  std::size_t held_bytes_ = 0;
  std::uint64_t pending_ = 0;
  FoldStats stats_;
};

}  // namespace tocsin
