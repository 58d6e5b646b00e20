// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "relay/answer_queue.hpp"

#include <algorithm>
#include <utility>

namespace tocsin::relay {

void AnswerQueue::push(Resolver::Answer answer) {
  if (const auto older = places_.find(answer.domain); older != places_.end()) {
    answers_.erase(older->second);
    places_.erase(older);
  }
  if (answers_.size() >= most_) pop_refused(1);
  places_.emplace(answer.domain, next_);
  answers_.emplace_hint(answers_.end(), next_++, std::move(answer));
}

std::vector<const Resolver::Answer*> AnswerQueue::front(std::size_t count) const {
  std::vector<const Resolver::Answer*> out;
  for (const auto& [place, answer] : answers_) {
    if (out.size() == count) break;
    out.push_back(&answer);
  }
  return out;
}

void AnswerQueue::pop_refused(std::size_t count) {
  dropped_ += std::min(count, answers_.size());
  pop(count);
}

void AnswerQueue::pop(std::size_t count) {
  for (; count != 0 && !answers_.empty(); --count) {
    places_.erase(answers_.begin()->second.domain);
    answers_.erase(answers_.begin());
  }
}

}  // namespace tocsin::relay
