// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "proof/proof_history.hpp"

namespace tocsin {

// Feeds systemd's watchdog (WatchdogSec=, 2 s or more), and only while the monitor works: the loop
// turns, since it is the loop that calls; proofs come to an end; and nothing that the canary does
// is gone. Left unfed, systemd starts the monitor anew, which attaches every hook again. What never
// came through since the start is no reason: a new start would not mend it. Loop thread only.
class Watchdog {
 public:
  // proof_interval_s: as configured; 0: no proofs are to be expected.
  explicit Watchdog(double proof_interval_s);

  // Once a second. Why it is not fed any more, the first time; else nothing.
  [[nodiscard]] std::optional<std::string> second(const ProofHistory& proofs);

 private:
  [[nodiscard]] std::string fault(const ProofHistory& proofs) const;

  bool wanted_;                     // systemd waits to be fed
  std::uint64_t seconds_to_prove_;  // longest time between two proofs; 0: none are expected
  std::uint64_t proofs_ = 0;        // so many were over at the last look
  std::uint64_t seconds_unproved_ = 0;
  bool starved_ = false;
};

}  // namespace tocsin
