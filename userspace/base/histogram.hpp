// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace tocsin {

// Durations counted in fixed buckets of powers of four, as Prometheus wants them; one thread.
class DurationHistogram {
 public:
  static constexpr std::size_t kBuckets = 12;
  // Upper bounds in nanoseconds, included: 16 us, 64 us, … 67 s. More is in count() only.
  static constexpr std::uint64_t bound_ns(std::size_t bucket) { return 16'000ULL << (2 * bucket); }

  void add(std::uint64_t ns) {
    ++count_;
    sum_ns_ += ns;
    for (std::size_t i = 0; i < kBuckets; ++i) {
      if (ns > bound_ns(i)) continue;
      ++buckets_[i];
      return;
    }
  }

  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] std::uint64_t sum_ns() const { return sum_ns_; }
  // Not cumulative.
  [[nodiscard]] const std::array<std::uint64_t, kBuckets>& buckets() const { return buckets_; }

 private:
  std::array<std::uint64_t, kBuckets> buckets_{};
  std::uint64_t count_ = 0;
  std::uint64_t sum_ns_ = 0;
};

}  // namespace tocsin
