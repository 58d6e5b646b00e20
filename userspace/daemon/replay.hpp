// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "beacon/table.hpp"

namespace tocsin {

// kUsual: events of a capture file when no indicators are given, else alerts.
enum class ReplayPrint { kUsual, kAlerts, kEvents, kBeacons };

struct ReplayOptions {
  // A recording, event JSON lines, or a capture file (pcap, pcapng): told by content.
  std::filesystem::path file;
  std::vector<std::filesystem::path> indicators;  // files and folders
  bool indicators_given = false;                  // by the caller, not by the configuration
  ReplayPrint print = ReplayPrint::kUsual;
  bool json = false;  // kBeacons gives JSON anyhow
  BeaconOptions beacons = {};
  double beacons_least = 0;  // kBeacons: only keys at least this regular
  // Not empty: a history is left there, as a daemon's; there must be none yet.
  std::filesystem::path state_dir = {};
  // Gets each output line or block, without its newline.
  std::function<void(const std::string&)> out;
  // Faults of single lines or frames: place and reason. The rest of the file is still replayed.
  std::function<void(const std::string&)> complain;
  // Told now and then how far it is, in bytes of the file; false ends the replay there, as if the
  // file did. May be empty.
  std::function<bool(std::uint64_t done, std::uint64_t all)> on_progress = {};
};

struct ReplayReport {
  std::uint64_t events = 0;
  std::uint64_t alerts = 0;
  std::uint64_t faults = 0;  // lines, frames or packets that could not be used
  bool stopped = false;      // on_progress said so: the rest was not looked at
  std::string capture;       // of a capture file: what became of its packets, for people
};

// Runs the daemon's own pipeline over a file with a clock that follows the events: no root, no
// daemon, the same result every time. An error means the file could not be replayed at all.
Result<ReplayReport> run_replay(const ReplayOptions& options);

}  // namespace tocsin
