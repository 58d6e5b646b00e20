// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "proof/proof_round.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "proof/proof_limits.hpp"

namespace tocsin {

std::string_view to_string(ProofState state) {
  static constexpr std::array<std::string_view, 4> kNames = {"proved", "unseen", "no-alarm",
                                                             "not-provable"};
  return kNames[static_cast<std::size_t>(state)];
}

void ProofRound::reported(const CanaryReport& report) {
  auto& progress = of(report.action);
  if (report.did_ns == 0) {
    progress.cannot_why = report.cannot_why;
    return;
  }
  progress.did = report.did_ns;
  last_did_ = std::max(last_did_, report.did_ns);
}

void ProofRound::ended(std::string how) {
  ended_ = std::move(how);
}

void ProofRound::saw(CanaryAction action, BootNs at) {
  if (of(action).seen == 0) of(action).seen = at;
}

void ProofRound::alarmed(CanaryAction action, BootNs at) {
  saw(action, at);
  if (of(action).alarm == 0) of(action).alarm = at;
}

bool ProofRound::settled(std::size_t index) const {
  const auto& progress = progress_[index];
  if (!dues_[index].excused.empty() || !progress.cannot_why.empty()) return true;
  if (progress.did == 0) return false;
  return progress.seen != 0 && (progress.alarm != 0 || !dues_[index].alarm);
}

bool ProofRound::over(BootNs now) const {
  if (!ended_) return false;
  if (now >= last_did_ + limits::kProofWaitNs) return true;
  for (std::size_t i = 0; i < kCanaryActions; ++i)
    if (progress_[i].did != 0 && !settled(i)) return false;
  return true;
}

ActionProof ProofRound::judge(std::size_t index) const {
  const auto& progress = progress_[index];
  const auto& due = dues_[index];
  ActionProof out;
  out.alarm_due = due.alarm;
  if (!due.excused.empty()) {
    out.reason = due.excused;
    return out;
  }
  if (!progress.cannot_why.empty()) {
    out.reason = progress.cannot_why;
    return out;
  }
  if (progress.did == 0) {
    out.reason = fmt::format("the canary did not come so far: it {}",
                             ended_ ? *ended_ : std::string("had no time to end"));
    return out;
  }
  out.performed = true;
  out.seen = progress.seen != 0;
  out.alarm = progress.alarm != 0;
  out.state = !out.seen                 ? ProofState::kUnseen
              : due.alarm && !out.alarm ? ProofState::kNoAlarm
                                        : ProofState::kProved;
  if (out.state == ProofState::kProved) {
    const auto came = due.alarm ? progress.alarm : progress.seen;
    out.delay_ns = came > progress.did ? came - progress.did : 0;
  }
  return out;
}

ActionProofs ProofRound::verdict() const {
  ActionProofs out;
  for (std::size_t i = 0; i < kCanaryActions; ++i) out[i] = judge(i);
  return out;
}

}  // namespace tocsin
