// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace tocsin {

enum class ReplayPrint { kAlerts, kEvents };

struct ReplayOptions {
  std::filesystem::path file;                     // recording or event JSON lines, told by content
  std::vector<std::filesystem::path> indicators;  // files and folders
  ReplayPrint print = ReplayPrint::kAlerts;
  bool json = false;
  // Gets each output line or block, without its newline.
  std::function<void(const std::string&)> out;
  // Faults of single lines or frames: place and reason. The rest of the file is still replayed.
  std::function<void(const std::string&)> complain;
};

struct ReplayReport {
  std::uint64_t events = 0;
  std::uint64_t alerts = 0;
  std::uint64_t faults = 0;  // lines or frames that could not be used
};

// Runs the daemon's own pipeline over a file with a clock that follows the events: no root, no
// daemon, the same result every time. An error means the file could not be replayed at all.
Result<ReplayReport> run_replay(const ReplayOptions& options);

}  // namespace tocsin
