// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "fleet/alert_order.hpp"

#include <algorithm>
#include <utility>

#include "base/subject_name.hpp"
#include "base/text.hpp"
#include "fleet/fleet_limits.hpp"

namespace tocsin::fleet {

std::optional<MessageId> MessageId::parse(std::string_view text) {
  MessageId id;
  const auto host = text.find(':');
  const auto spool = host == std::string_view::npos ? host : text.find(':', host + 1);
  const auto number = text.rfind(':');
  if (spool == std::string_view::npos || number <= spool) return std::nullopt;
  id.host = text.substr(0, host);
  id.spool = text.substr(host + 1, spool - host - 1);
  const auto n = parse_u64(text.substr(number + 1));
  if (!is_subject_name(id.host) || !is_subject_name(id.spool) || !n || *n == 0 ||
      *n >= UINT64_MAX / 2)
    return std::nullopt;
  id.number = *n;
  return id;
}

void HostOrder::add(const MessageId& id, Message message, BootNs now, const Tell& tell) {
  if (id.spool != spool_) {
    // A new spool counts from 1; the first message that is read may be any of it.
    while (!waiting_.empty()) {
      skip_to(waiting_.begin()->first);
      tell_ready(tell);
    }
    spool_ = id.spool;
    gaps_.clear();
    next_ = id.number;
    begun_at_ = next_;
    if (next_ > 1)
      gaps_.emplace(1, next_);  // read from the middle: not missing, but not told either
  }
  if (id.number < next_) {
    if (!fill_gap(id.number)) {
      ++counts_.duplicates;
      return;
    }
    ++counts_.told;
    return tell(message);
  }
  const auto size = message.data.size();
  if (!waiting_.try_emplace(id.number, Waiting{std::move(message), now}).second) {
    ++counts_.duplicates;
    return;
  }
  waiting_bytes_ += size;
  tell_ready(tell);
  while (waiting_.size() > limits::kHeldMessagesMax || waiting_bytes_ > limits::kHeldBytesMax) {
    skip_to(waiting_.begin()->first);
    tell_ready(tell);
  }
}

void HostOrder::expire(BootNs now, const Tell& tell) {
  while (!waiting_.empty() && now >= waiting_.begin()->second.since + kHold) {
    skip_to(waiting_.begin()->first);
    tell_ready(tell);
  }
}

std::optional<std::uint64_t> HostOrder::waits_from() const {
  std::optional<std::uint64_t> lowest;
  for (const auto& [number, waiting] : waiting_)
    if (!lowest || waiting.message.sequence < *lowest) lowest = waiting.message.sequence;
  return lowest;
}

void HostOrder::tell_ready(const Tell& tell) {
  while (!waiting_.empty() && waiting_.begin()->first == next_) {
    auto node = waiting_.extract(waiting_.begin());
    waiting_bytes_ -= node.mapped().message.data.size();
    ++next_;
    ++counts_.told;
    tell(node.mapped().message);
  }
}

void HostOrder::skip_to(std::uint64_t number) {
  if (number <= next_) return;
  counts_.missing += number - next_;
  gaps_.emplace(next_, number);
  if (gaps_.size() > limits::kGapsMax) gaps_.erase(gaps_.begin());
  next_ = number;
}

// True: that number was missing, and is not any more.
bool HostOrder::fill_gap(std::uint64_t number) {
  auto gap = gaps_.upper_bound(number);
  if (gap == gaps_.begin()) return false;
  --gap;
  const auto [first, behind] = *gap;
  if (number >= behind) return false;
  gaps_.erase(gap);
  if (first < number) gaps_.emplace(first, number);
  if (number + 1 < behind) gaps_.emplace(number + 1, behind);
  if (number >= begun_at_) --counts_.missing;
  return true;
}

}  // namespace tocsin::fleet
