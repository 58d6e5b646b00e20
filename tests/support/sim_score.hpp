// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "daemon/replay.hpp"
#include "support/sim_beacon.hpp"

namespace tocsin::test::sim {

// A host with a malicious subject, or an honest one of a kind, wholly given by its seed.
Host malicious_host(std::uint64_t seed, const PlanOptions& options);
Host benign_host(std::uint64_t seed, std::string_view kind, double days);

// What the replay made of one subject.
struct Verdict {
  Truth truth;
  BeaconLevel reached = BeaconLevel::kNone;
  int episodes_to_alert = 0;  // at the first alert crossing; 0: none
  double best_beacon = 0;     // B, most regular of its keys
};
// What it made of a whole host.
struct HostVerdict {
  std::vector<Verdict> subjects;        // the malicious ones
  int false_notices = 0;                // keys of honest programs that reached notice and no more
  int false_alerts = 0;                 // alert or critical
  std::vector<std::string> false_rows;  // JSON
  double days = 0;
  std::size_t events = 0;
  double seconds = 0;  // of the replay, processor time
};
// Writes the host's lines to the file, replays it, and holds the rows against the truth. Throws
// std::runtime_error when the replay fails or a line has a fault.
HostVerdict judge(const Host& host, const std::vector<Truth>& truths,
                  const std::filesystem::path& file, const BeaconOptions& options);

}  // namespace tocsin::test::sim
