// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace tocsin {

// Makes alert ids: 26 characters of Crockford's base 32, 48 bits of Unix milliseconds and 80 random
// bits, laid out as a ULID. Ids of one source sort in the order they were made, also within a
// millisecond and when the wall clock steps back. One thread only.
class AlertIdSource {
 public:
  using Fill = std::function<void(std::array<std::uint8_t, 10>&)>;

  AlertIdSource();                                                     // randomness from the kernel
  explicit AlertIdSource(Fill random) : random_(std::move(random)) {}  // repeatable, for replays
  std::string next(WallNs now);

 private:
  Fill random_;
  std::uint64_t last_ms_ = 0;
  std::array<std::uint8_t, 10> tail_{};
  bool used_ = false;
};

// 26 characters of the alphabet, first one at most '7'.
bool is_alert_id(std::string_view text);

}  // namespace tocsin
