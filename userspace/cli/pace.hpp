// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace tocsin::cli {

// How fast long work goes and how long it will still take.
class Pace {
 public:
  using Clock = std::chrono::steady_clock;
  explicit Pace(Clock::time_point started = Clock::now()) : started_(started) {}

  // "4096 of 10001 values, 5210/s, 1.1 s left"; what is left is told when a rate is known.
  [[nodiscard]] std::string words(std::uint64_t done, std::uint64_t all, std::string_view unit,
                                  Clock::time_point now = Clock::now()) const;
  // "1200 alerts, 5210/s, 1.1 s left" where how much there is is not known, but the share of the
  // way, 0 to 1; 0: neither is.
  [[nodiscard]] std::string share_words(std::uint64_t done, std::string_view unit, double share,
                                        Clock::time_point now = Clock::now()) const;
  // "12.0 MiB of 100.0 MiB, 4.0 MiB/s, 22.0 s left"; all 0: how much there is is not known.
  [[nodiscard]] std::string bytes_words(std::uint64_t done, std::uint64_t all,
                                        Clock::time_point now = Clock::now()) const;

 private:
  Clock::time_point started_;
};

}  // namespace tocsin::cli
