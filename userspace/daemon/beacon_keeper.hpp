// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/event_loop.hpp"
#include "base/worker.hpp"
#include "daemon/beacon_watch.hpp"
#include "daemon/config.hpp"
#include "indicators/warninglists.hpp"

namespace tocsin {

// The running daemon's beacon engine: options from the configuration and the guard lists, state
// kept over restarts in state_dir/beacons.state. State thread; the disk is written on a thread of
// its own.
class BeaconKeeper {
 public:
  struct Parts {
    EventLoop& loop;
    const Clock& clock;
    CgroupTable& cgroups;
    LossLedger& losses;
    AlertIdSource& ids;
    const IndicatorStore& indicators;
    const Warninglists& guards;
    const Config& config;
    std::function<void(Alert)> on_alert;
    std::function<bool(ProcessId)> is_own;
    std::function<ModuleLedger::Modules(const ExecEvent&, ProcessId)> modules_of;
  };

  // State that cannot be read is set aside as beacons.state.bad, said in the log, and the engine
  // starts afresh.
  static Result<std::unique_ptr<BeaconKeeper>> open(Parts parts);

  [[nodiscard]] BeaconWatch& watch() { return watch_; }
  void tick();
  // Files what waits and saves: blocks on the disk.
  void stop();

 private:
  BeaconKeeper(Parts& parts, PublicSuffixes suffixes, EvidenceWeights weights);
  void load();
  void save_soon();

  const Clock& clock_;
  std::string path_;
  double save_interval_s_;
  BootNs next_save_ = 0;
  bool saving_ = false;
  BeaconWatch watch_;
  std::unique_ptr<Worker> worker_;
};

// What guard lists and the site's own list say of a destination.
DestinationClass classify_destination(const Warninglists& guards,
                                      const std::vector<std::string>& known_destinations,
                                      const std::string& destination);

}  // namespace tocsin
