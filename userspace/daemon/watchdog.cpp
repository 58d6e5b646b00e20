// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/watchdog.hpp"

#include <fmt/format.h>
#include <systemd/sd-daemon.h>

#include <utility>

#include "proof/proof_limits.hpp"

namespace tocsin {
namespace {

// Beside two intervals: a proof's own time, on a machine that is slow.
constexpr std::uint64_t kProofGraceS = 60;

std::uint64_t seconds_to_prove(double interval_s) {
  return interval_s > 0 ? static_cast<std::uint64_t>(2 * interval_s) + kProofGraceS : 0;
}

}  // namespace

Watchdog::Watchdog(double proof_interval_s)
    : wanted_(sd_watchdog_enabled(0, nullptr) > 0),
      seconds_to_prove_(seconds_to_prove(proof_interval_s)) {}

// Counted in calls, not by a clock: a machine that slept is not late.
std::optional<std::string> Watchdog::second(const ProofHistory& proofs) {
  if (!wanted_) return std::nullopt;
  const bool proved = std::exchange(proofs_, proofs.proofs()) != proofs.proofs();
  seconds_unproved_ = proved ? 0 : seconds_unproved_ + 1;
  auto reason = fault(proofs);
  if (reason.empty()) {
    starved_ = false;
    sd_notify(0, "WATCHDOG=1");
    return std::nullopt;
  }
  if (std::exchange(starved_, true)) return std::nullopt;
  return reason + ": the watchdog is fed no more, the service manager will start this monitor anew";
}

std::string Watchdog::fault(const ProofHistory& proofs) const {
  for (std::size_t i = 0; i < kCanaryActions; ++i)
    if (proofs.gone(canary_action(i)))
      return fmt::format("the canary's {} was seen before, and not in its last {} proofs",
                         kCanaryActionNames[i], limits::kProofsUntilGone);
  if (seconds_to_prove_ > 0 && seconds_unproved_ > seconds_to_prove_)
    return fmt::format("no self-proof came to an end for {} s", seconds_unproved_);
  return {};
}

}  // namespace tocsin
