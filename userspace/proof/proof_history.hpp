// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "indicators/indicator.hpp"
#include "proof/proof_round.hpp"

namespace tocsin {

// One proof that is over.
struct Proof {
  WallNs started_ns = 0;
  std::uint64_t took_ns = 0;
  std::uint64_t canary_cpu_ns = 0;
  std::string trouble;  // the canary could not be started or did not end by itself; else empty
  ActionProofs actions;
};

struct ProofDelays {
  std::size_t count = 0;
  std::uint64_t p50_ns = 0, p95_ns = 0, p99_ns = 0;  // nearest rank
};

// Something to be told, once until it changes.
struct ProofNews {
  Severity severity = Severity::kMedium;
  std::string message;
};

// What proofs have shown so far: the last of each action, the delays, and what is blind now.
class ProofHistory {
 public:
  std::vector<ProofNews> add(Proof proof);

  [[nodiscard]] const std::optional<Proof>& last() const { return last_; }
  // The latest without trouble; 0: none yet.
  [[nodiscard]] WallNs last_good_ns() const { return last_good_ns_; }
  [[nodiscard]] std::uint64_t proofs() const { return proofs_; }
  // Done and not seen in its latest proof.
  [[nodiscard]] bool blind(CanaryAction action) const {
    return blind_[static_cast<std::size_t>(action)];
  }
  // Seen by this monitor once, and done but unseen in its latest limits::kProofsUntilGone proofs.
  [[nodiscard]] bool gone(CanaryAction action) const;
  [[nodiscard]] ProofDelays delays(CanaryAction action) const;

 private:
  std::optional<Proof> last_;
  WallNs last_good_ns_ = 0;
  std::uint64_t proofs_ = 0;
  std::array<std::deque<std::uint64_t>, kCanaryActions> delays_;
  std::array<bool, kCanaryActions> blind_{};
  std::array<bool, kCanaryActions> came_{};                 // ever seen
  std::array<std::uint32_t, kCanaryActions> missed_row_{};  // proofs since it was seen last
  bool troubled_ = false;
};

}  // namespace tocsin
