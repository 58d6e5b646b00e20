// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "alert/rendered_alert.hpp"
#include "base/clock.hpp"
#include "base/disk_thread.hpp"
#include "history/history_file.hpp"
#include "history/history_limits.hpp"

namespace tocsin {

struct AlertStoreOptions {
  HistoryPlace place;
  std::uint64_t days = 365;
  std::size_t rows_max = limits::kStoredAlertsMax;
  std::size_t queue_max = limits::kHistoryAlertsPendingMax;
  std::size_t queue_bytes_max = limits::kHistoryAlertBytesPendingMax;
};

struct AlertStoreStatus {
  bool failing = false;
  std::string detail;
  std::uint64_t stored = 0;   // since the start
  std::uint64_t refused = 0;  // the queue was full: in the sinks only
  std::size_t queued = 0;
};

// Keeps every reported alert in alerts.db, on the disk before the next one is taken, on a thread of
// its own. add() never waits. May be used from any thread.
class AlertStore {
 public:
  explicit AlertStore(AlertStoreOptions options,
                      std::shared_ptr<const Clock> clock = std::make_shared<SystemClock>());
  ~AlertStore();

  void add(const RenderedAlert& alert);
  [[nodiscard]] AlertStoreStatus status() const;
  std::vector<std::string> take_remarks();
  bool stop(std::chrono::milliseconds at_most);

 private:
  class Core;
  std::shared_ptr<Core> core_;
  DiskThread thread_;
};

}  // namespace tocsin
