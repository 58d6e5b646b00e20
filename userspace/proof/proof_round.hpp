// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "proof/canary_report.hpp"

namespace tocsin {

enum class ProofState : std::uint8_t {
  kProved,       // done and seen, with its alarm where one is due
  kUnseen,       // done, and nothing came of it
  kNoAlarm,      // done and seen, but its indicator did not match
  kNotProvable,  // not done, for a reason
};
std::string_view to_string(ProofState state);  // "proved", "unseen", "no-alarm", "not-provable"

// What became of one action.
struct ActionProof {
  ProofState state = ProofState::kNotProvable;
  bool performed = false, seen = false, alarm = false;
  bool alarm_due = false;                 // its indicator is loaded
  std::optional<std::uint64_t> delay_ns;  // from the action to the alarm, or to the sight of it
  std::string reason;                     // kNotProvable: why; else empty
};
using ActionProofs = std::array<ActionProof, kCanaryActions>;

// One proof under way: what the canary says it did meets what came through the pipeline. The two
// come on different ways and in any order. No clock and no process: times are handed in.
class ProofRound {
 public:
  // Of one action: the reason why it is not asked for (empty: it is), and whether an alarm is due
  // because its indicator is loaded.
  struct Due {
    std::string excused;
    bool alarm = true;
  };
  using Dues = std::array<Due, kCanaryActions>;

  explicit ProofRound(Dues dues) : dues_(std::move(dues)) {}

  void reported(const CanaryReport& report);
  // The canary ended: what it has not reported by now it never did. how: in words.
  void ended(std::string how);
  void saw(CanaryAction action, BootNs at);
  void alarmed(CanaryAction action, BootNs at);

  [[nodiscard]] bool asks_for(CanaryAction action) const { return due(action).excused.empty(); }
  // Nothing more is to be waited for: all came, or what did not come had its time.
  [[nodiscard]] bool over(BootNs now) const;
  // What became of it, if no more comes.
  [[nodiscard]] ActionProofs verdict() const;

 private:
  struct Progress {
    BootNs did = 0, seen = 0, alarm = 0;  // 0: not yet
    std::string cannot_why;
  };
  [[nodiscard]] const Due& due(CanaryAction action) const {
    return dues_[static_cast<std::size_t>(action)];
  }
  Progress& of(CanaryAction action) { return progress_[static_cast<std::size_t>(action)]; }
  [[nodiscard]] ActionProof judge(std::size_t index) const;
  [[nodiscard]] bool settled(std::size_t index) const;

  Dues dues_;
  std::array<Progress, kCanaryActions> progress_;
  std::optional<std::string> ended_;
  BootNs last_did_ = 0;
};

}  // namespace tocsin
