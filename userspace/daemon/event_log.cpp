// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/event_log.hpp"

#include <algorithm>
#include <utility>

namespace tocsin {

void EventLog::add(std::string kind, Render render) {
  if (lines_.empty()) {
    emit_(kind, render());
    return;
  }
  // Rendered now: what it describes may change while it waits.
  auto text = render();
  lines_.push_back({std::move(kind), 0, 0, {}, std::move(text)});
  if (lines_.size() > kHeldMax) {
    lines_.front().ticket = 0;
    send_ready();
  }
}

void EventLog::add_held(std::string kind, std::uint64_t ticket, BootNs now, Render render) {
  lines_.push_back({std::move(kind), ticket, now, std::move(render), {}});
}

void EventLog::release(std::uint64_t ticket) {
  const auto it = std::ranges::find(lines_, ticket, &Line::ticket);
  if (ticket == 0 || it == lines_.end()) return;
  it->ticket = 0;
  send_ready();
}

void EventLog::expire(BootNs now) {
  while (!lines_.empty() && lines_.front().ticket != 0 &&
         lines_.front().held_since + kHoldNs <= now) {
    lines_.front().ticket = 0;
    send_ready();
  }
}

void EventLog::send_ready() {
  while (!lines_.empty() && lines_.front().ticket == 0) {
    auto line = std::move(lines_.front());
    lines_.pop_front();
    emit_(line.kind, line.render ? line.render() : line.text);
  }
}

}  // namespace tocsin
