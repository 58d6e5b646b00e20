// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/event_log.hpp"

#include <utility>

namespace tocsin {

void EventLog::add(std::string kind, Render render) {
  if (lines_.empty()) {
    emit_(kind, render());
    return;
  }
  // Rendered now: what it describes may change while it waits.
  auto text = render();
  push({std::move(kind), 0, 0, {}, std::move(text)});
}

void EventLog::add_held(std::string kind, std::uint64_t ticket, BootNs now, Render render) {
  const auto [it, fresh] = waiting_.try_emplace(ticket, first_ + lines_.size());
  if (!fresh) {
    lines_[it->second - first_].ticket = 0;
    it->second = first_ + lines_.size();
  }
  push({std::move(kind), ticket, now, std::move(render), {}});
}

void EventLog::push(Line line) {
  lines_.push_back(std::move(line));
  if (lines_.size() > kHeldMax) send_first();
}

void EventLog::release(std::uint64_t ticket) {
  const auto it = waiting_.find(ticket);
  if (it == waiting_.end()) return;
  lines_[it->second - first_].ticket = 0;
  waiting_.erase(it);
  send_ready();
}

void EventLog::expire(BootNs now) {
  while (!lines_.empty() && lines_.front().ticket != 0 &&
         lines_.front().held_since + kHoldNs <= now)
    send_first();
}

// The first goes out as it is, and what waited only behind it.
void EventLog::send_first() {
  if (lines_.front().ticket != 0) waiting_.erase(lines_.front().ticket);
  lines_.front().ticket = 0;
  send_ready();
}

void EventLog::send_ready() {
  while (!lines_.empty() && lines_.front().ticket == 0) {
    auto line = std::move(lines_.front());
    lines_.pop_front();
    ++first_;
    emit_(line.kind, line.render ? line.render() : line.text);
  }
}

}  // namespace tocsin
