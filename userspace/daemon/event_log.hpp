// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.hpp"

namespace tocsin {

// The event stream that people and tools follow, in the order things happened. An exec line waits
// for its digest and a connect line for its outcome, and the lines behind wait with it, at most
// kHoldNs: then it goes out as it is. Nothing is rendered while nobody listens. State thread only.
class EventLog {
 public:
  using Emit = std::function<void(const std::string& kind, const std::string& line)>;
  using Render = std::move_only_function<std::string()>;

  static constexpr std::uint64_t kHoldNs = 1'000'000'000;
  static constexpr std::size_t kHeldMax = 4096;  // more: the oldest goes out as it is

  // wanted says whether anybody listens to a kind now.
  EventLog(Emit emit, std::function<bool(std::string_view kind)> wanted)
      : emit_(std::move(emit)), wanted_(std::move(wanted)) {}

  [[nodiscard]] bool wanted(std::string_view kind) const { return wanted_(kind); }

  // A line whose text is final now.
  void add(std::string kind, Render render);
  // A line that is rendered by release(ticket); render must own what it needs. An earlier
  // line that waits for the same ticket goes out as it is.
  void add_held(std::string kind, std::uint64_t ticket, BootNs now, Render render);
  void release(std::uint64_t ticket);
  // Sends what waited too long.
  void expire(BootNs now);

 private:
  struct Line {
    std::string kind;
    std::uint64_t ticket;  // 0: ready
    BootNs held_since;
    Render render;
    std::string text;
  };
  void push(Line line);
  void send_first();
  void send_ready();

  Emit emit_;
  std::function<bool(std::string_view kind)> wanted_;
  std::deque<Line> lines_;
  std::uint64_t first_ = 0;                                   // number of the first of lines_
  std::unordered_map<std::uint64_t, std::uint64_t> waiting_;  // ticket to number
};

}  // namespace tocsin
