// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cmath>
#include <cstdint>
#include <iterator>
#include <random>

namespace tocsin::test::sim {

// The same numbers from the same seed with every standard library: its distributions differ, its
// engines do not.
class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  double share() { return static_cast<double>(engine_() >> 11) * 0x1p-53; }  // [0, 1)
  double between(double least, double most) { return least + share() * (most - least); }
  // Scale-free: as often below the geometric mean as above it.
  double log_between(double least, double most) {
    return least * std::exp(share() * std::log(most / least));
  }
  int whole(int least, int most) { return least + static_cast<int>(share() * (most - least + 1)); }
  bool chance(double probability) { return share() < probability; }
  double exponential(double mean) { return -mean * std::log1p(-share()); }
  double normal() {
    return std::sqrt(-2 * std::log1p(-share())) * std::cos(2 * 3.14159265358979 * share());
  }
  template <typename Choices>
  auto one_of(const Choices& choices) {
    return choices[static_cast<std::size_t>(whole(0, static_cast<int>(std::size(choices)) - 1))];
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace tocsin::test::sim
