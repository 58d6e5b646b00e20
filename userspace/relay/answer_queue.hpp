// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "relay/resolver.hpp"

namespace tocsin::limits {

// Names whose answer waits in the relay for the daemon. More: the oldest goes, counted.
inline constexpr std::size_t kAnswersWaitingMax = 10'000;

}  // namespace tocsin::limits

namespace tocsin::relay {

// What names lead to and the daemon has not been told yet: of each name the newest answer. At most
// `most` names; full: the one that waits longest goes, counted. Loop's thread.
class AnswerQueue {
 public:
  explicit AnswerQueue(std::size_t most = limits::kAnswersWaitingMax) : most_(most) {}

  void push(Resolver::Answer answer);
  [[nodiscard]] bool empty() const { return answers_.empty(); }
  [[nodiscard]] std::size_t size() const { return answers_.size(); }
  // Those that wait longest, at most so many; they stay. Good until the next call of another.
  [[nodiscard]] std::vector<const Resolver::Answer*> front(std::size_t count) const;
  // The daemon has these of front(), or would not have them: then they are counted.
  void pop_told(std::size_t count) { pop(count); }
  void pop_refused(std::size_t count);
  // Answers that went and the daemon has not had; newer ones of the same name do not count.
  [[nodiscard]] std::uint64_t dropped() const { return dropped_; }

 private:
  void pop(std::size_t count);

  std::size_t most_;
  std::map<std::uint64_t, Resolver::Answer> answers_;      // by order of arrival
  std::unordered_map<std::string, std::uint64_t> places_;  // of the names in answers_
  std::uint64_t next_ = 0, dropped_ = 0;
};

}  // namespace tocsin::relay
