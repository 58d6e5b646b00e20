// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "capture/hook_table.hpp"
#include "control/backend.hpp"
#include "daemon/alert_items.hpp"
#include "daemon/config.hpp"
#include "daemon/history_feed.hpp"
#include "daemon/loss_watch.hpp"
#include "history/alert_store.hpp"
#include "history/store.hpp"
#include "history/stored_alerts.hpp"
#include "proof/proof_history.hpp"

namespace tocsin {

// The history as the daemon sees it: what is told to it, what is said about it, and alerts of
// earlier runs. State thread only. Never refuses: a folder that cannot be used is a state.
class HistoryDesk {
 public:
  struct Parts {
    const Clock& clock;
    const Config& config;
    CgroupTable& cgroups;
    const ProcessTable& processes;
    std::function<bool(ProcessId)> is_own;  // tocsin itself
    const std::vector<HookStatus>& hooks;
    WallNs started_ns = 0;
  };

  explicit HistoryDesk(Parts parts);

  [[nodiscard]] Observer& observer() { return feed_; }
  // For hunting and hindsight: hand-over of what waits, blind periods, what was reported.
  [[nodiscard]] HistoryStore& store() { return store_; }
  [[nodiscard]] const std::string& folder() const { return folder_; }

  // Sightings whose alert was raised.
  void mark(std::vector<Reported> reported);
  void on_reported(const RenderedAlert& alert) { alerts_.add(alert); }

  // What the latest proof did not see was not seen since the one before.
  void note_blind(const ProofHistory& proofs);

  // Once a second. What must be said aloud, each thing once.
  std::vector<std::string> second();
  void observe_losses(LossWatch& losses) const;
  [[nodiscard]] nlohmann::json status() const;

  // The file's alerts: since the filter's time, else the last kAlertsKeptMax. None: no file.
  [[nodiscard]] std::optional<StoredPart> stored_alerts(const control::AlertFilter& filter) const;
  // Those that were reported after this one; none: it is not in the file.
  [[nodiscard]] Result<std::optional<StoredPart>> alerts_after(std::string_view id) const;
  // From the file, by the beginning of its id; at most two.
  [[nodiscard]] Result<std::vector<StoredAlert>> find_alert(std::string_view id) const;

  void stop(std::chrono::milliseconds at_most);

 private:
  [[nodiscard]] std::string alerts_path() const;
  static void say(bool failing, const std::string& what, bool& said, std::vector<std::string>& out);

  std::string folder_;
  HistoryStore store_;
  AlertStore alerts_;
  HistoryFeed feed_;
  const Clock& clock_;
  std::uint64_t proofs_noted_ = 0;
  WallNs last_proof_ns_;  // the start, before the first
  bool store_said_ = false, alerts_said_ = false;
  std::uint64_t refused_said_ = 0;
};

}  // namespace tocsin
