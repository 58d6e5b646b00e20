// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "proof/proof_history.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "proof/proof_limits.hpp"

namespace tocsin {
namespace {

struct Words {
  std::string_view what;
  std::string_view unseen;  // what that may mean
};

// In the order of CanaryAction.
constexpr std::array<Words, kCanaryActions> kWords = {{
    {"the canary's library mapping", "libraries that programs load may be invisible now"},
    {"the canary's TCP connect", "connections may be invisible now"},
    {"the canary's datagram", "UDP sent without a connect may be invisible now"},
    {"the canary's TLS hello", "host names that TLS clients say may be invisible now"},
    {"the canary's QUIC hello", "host names that QUIC clients say may be invisible now"},
    {"the canary's DNS question", "names that programs ask for may be invisible now"},
    {"the canary's contact with an address of a DNS answer",
     "the names of destinations may be unknown now"},
    {"the canary's io_uring connect", "connects by io_uring may be invisible now"},
    {"the canary's exec", "programs that start may be invisible now"},
}};

ProofNews bad_news(std::size_t index, ProofState state) {
  constexpr auto kSeconds = limits::kProofWaitNs / 1'000'000'000;
  const auto& words = kWords[index];
  if (state == ProofState::kUnseen)
    return {Severity::kMedium,
            fmt::format("{} was not seen within {} s: {}", words.what, kSeconds, words.unseen)};
  return {Severity::kMedium,
          fmt::format("{} was seen, but its indicator did not match within {} s: alarms of this "
                      "kind may be missing now",
                      words.what, kSeconds)};
}

}  // namespace

std::vector<ProofNews> ProofHistory::add(Proof proof) {
  std::vector<ProofNews> news;
  ++proofs_;
  for (std::size_t i = 0; i < kCanaryActions; ++i) {
    const auto& action = proof.actions[i];
    if (action.state == ProofState::kNotProvable) continue;  // says nothing about seeing
    const bool now_blind = action.state != ProofState::kProved;
    if (now_blind && !blind_[i]) news.push_back(bad_news(i, action.state));
    if (!now_blind && blind_[i])
      news.push_back({Severity::kInfo, fmt::format("{} is seen again", kWords[i].what)});
    blind_[i] = now_blind;
    const bool missed = action.state == ProofState::kUnseen;
    came_[i] = came_[i] || !missed;
    missed_row_[i] = missed ? missed_row_[i] + 1 : 0;
    if (!action.delay_ns) continue;
    delays_[i].push_back(*action.delay_ns);
    if (delays_[i].size() > limits::kProofDelaysKept) delays_[i].pop_front();
  }
  const bool now_troubled = !proof.trouble.empty();
  if (now_troubled && !troubled_)
    news.push_back({Severity::kLow, fmt::format("whether this monitor sees could not be proved: {}",
                                                proof.trouble)});
  troubled_ = now_troubled;
  if (!now_troubled) last_good_ns_ = proof.started_ns;
  last_ = std::move(proof);
  return news;
}

bool ProofHistory::gone(CanaryAction action) const {
  const auto i = static_cast<std::size_t>(action);
  return came_[i] && missed_row_[i] >= limits::kProofsUntilGone;
}

ProofDelays ProofHistory::delays(CanaryAction action) const {
  const auto& kept = delays_[static_cast<std::size_t>(action)];
  ProofDelays out;
  out.count = kept.size();
  if (kept.empty()) return out;
  std::vector<std::uint64_t> sorted(kept.begin(), kept.end());
  std::ranges::sort(sorted);
  const auto rank = [&](std::size_t percent) {
    return sorted[(sorted.size() * percent + 99) / 100 - 1];
  };
  out.p50_ns = rank(50);
  out.p95_ns = rank(95);
  out.p99_ns = rank(99);
  return out;
}

}  // namespace tocsin
