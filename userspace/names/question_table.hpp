// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "base/limits.hpp"
#include "event/name_event.hpp"

namespace tocsin {

// DNS questions that are open or were a moment ago. A program that asks a local resolver
// (systemd-resolved, dnsmasq) is followed by the resolver's own question for the same name; both
// are seen, and the second is asked on behalf of the first. State thread only; bounded by
// kOpenQuestionsMax names, the oldest goes first.
class QuestionTable {
 public:
  struct Heard {
    // The process that asked first, when this question is a resolver's relaying of it. Taken as
    // such: another process's question for the same name and type is still unanswered, and the
    // relaying process was there before it.
    std::optional<ProcessId> on_behalf_of;
    bool repeated = false;  // the same process has asked this within kWindowNs
  };

  // asker_started_ns: wall time of its start; 0 when unknown, it then relays nothing.
  Heard on_question(const DnsEvent& question, WallNs asker_started_ns);
  // For whom the question was asked; nullopt when it was not seen, an unknown process when a
  // monitor tells the answer and several asked. Whatever the question gives rise to was raised
  // then.
  std::optional<ProcessId> on_answer(const DnsEvent& answer);
  [[nodiscard]] std::uint64_t evicted() const { return evicted_; }

 private:
  struct Asked {
    ProcessId asker;
    ProcessId root;  // whom it asked for, itself when for nobody
    WallNs at_ns;
    bool answered;
  };
  using Name = std::string;  // name and type
  static constexpr WallNs kWindowNs = 10 * kNsPerSecond;
  static constexpr std::size_t kAskersMax = 16;  // per name; the oldest goes first
  void forget_old(WallNs now);

  std::unordered_map<Name, std::vector<Asked>> open_;
  std::deque<std::pair<WallNs, Name>> order_;
  std::uint64_t evicted_ = 0;
};

}  // namespace tocsin
