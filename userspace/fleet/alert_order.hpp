// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "fleet/connection.hpp"

namespace tocsin::fleet {

// "HOST:SPOOL:KIND:NUMBER", as the agent gives its messages.
struct MessageId {
  std::string host, spool;
  std::uint64_t number = 0;
  static std::optional<MessageId> parse(std::string_view text);
};

// Puts what one host sent back in its order and folds what came twice. An election can store a
// message that was refused at first behind later ones: these wait for it, for kHold at most, then
// the gap is counted and passed over; what fills it later is told late. One thread.
class HostOrder {
 public:
  static constexpr BootNs kHold = 10ULL * 1'000'000'000;
  using Tell = std::function<void(const Message&)>;

  // Once for each new message, in order; from add() or later from expire().
  void add(const MessageId& id, Message message, BootNs now, const Tell& tell);
  void expire(BootNs now, const Tell& tell);

  struct Counts {
    std::uint64_t told = 0, duplicates = 0;
    std::uint64_t missing = 0;  // numbers that never came, so far
  };
  [[nodiscard]] const Counts& counts() const { return counts_; }
  [[nodiscard]] std::size_t waiting() const { return waiting_.size(); }
  // The lowest stream sequence that waits; absent: none.
  [[nodiscard]] std::optional<std::uint64_t> waits_from() const;

 private:
  struct Waiting {
    Message message;
    BootNs since = 0;
  };
  void tell_ready(const Tell& tell);
  void skip_to(std::uint64_t number);
  bool fill_gap(std::uint64_t number);

  std::string spool_;
  std::uint64_t next_ = 0;      // expected
  std::uint64_t begun_at_ = 0;  // the first that was read of this spool
  std::map<std::uint64_t, Waiting> waiting_;
  std::size_t waiting_bytes_ = 0;
  std::map<std::uint64_t, std::uint64_t> gaps_;  // first missing → first behind; the latest ones
  Counts counts_;
};

}  // namespace tocsin::fleet
