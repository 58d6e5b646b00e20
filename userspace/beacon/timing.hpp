// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/clock.hpp"

namespace tocsin {

// Contacts closer than one of these, seconds, are one episode at that scale: a page with its parts,
// a burst of retries, a session of an hour.
inline constexpr std::array<double, 4> kMergeGapsS = {0.2, 2, 60, 1800};

// How regular one key's contacts are, at the scale where they are most regular.
struct BeaconScore {
  double timing = 0;               // T, 0..1
  double persistence = 0;          // P, 0..1
  std::optional<double> size;      // Z, 0..1; nothing until a few connections told their bytes
  double beacon = 0;               // B, 0..1: the three together
  double shape = 0;                // k of a gamma distribution of the idle times; 1: memoryless
  std::optional<double> period_s;  // mean distance of two episodes
  // Half the width of an even spread around the period with this shape: 0.2 reads "± 20 %".
  std::optional<double> jitter;
  std::uint32_t episodes = 0;
};

// The regularity of one key's contacts in constant memory and constant time per contact. At each
// scale the idle times e (distance less the merge gap) go into decayed sums of 1, e and ln e; their
// shape k follows from ln(mean) - mean(ln) without sorting or a transform, and is held against what
// a memoryless process reaches by chance after as many gaps. Method and limits: docs/beacons.md.
//
// time_scale shortens every duration of the method by that factor (3600: an hour counts as a
// second); it is 1 outside tests and must be the same in all calls.
class BeaconTiming {
 public:
  // One attempt, whatever became of it. A time before the last one counts as the last one.
  void on_contact(WallNs time_ns, double time_scale = 1);
  // Bytes sent on one connection, when it ends.
  void on_size(std::uint64_t bytes_sent);

  [[nodiscard]] BeaconScore score(double time_scale = 1) const;
  // Contacts in the last ten minutes before the last contact, at least; the tenth minute counts
  // partly, and no more than 255 in any minute.
  [[nodiscard]] std::uint32_t recent_contacts() const;

  // Distances of the last episodes, seconds, four digits, oldest first: eight at most, at the scale
  // that told episodes apart then.
  [[nodiscard]] std::vector<double> intervals() const;

  [[nodiscard]] WallNs first_ns() const { return first_ns_; }
  [[nodiscard]] WallNs last_ns() const { return last_ns_[0]; }
  [[nodiscard]] std::uint32_t contacts() const { return contacts_; }

 private:
  friend struct BeaconTimingCodec;  // state_file.cpp

  struct Scale {
    float weight = 0, sum = 0, log_sum = 0;  // decayed: of 1, e [s], ln e
    std::uint32_t episodes = 0;
    std::uint32_t outages = 0;  // idle times far beyond the rest: the host slept, the net was down
  };
  static constexpr std::size_t kHours = 168;  // remembered, a bit each
  static constexpr std::size_t kMinutes = 10;
  static constexpr std::size_t kIntervals = 8;

  struct Shape {
    double timing = 0, k = 0, period_s = 0, jitter = 0;
  };
  [[nodiscard]] static Shape shape_of(const Scale& scale, double merge_gap_s);
  void note_hour(WallNs time_ns, double time_scale);
  void note_minute(WallNs time_ns, double time_scale);
  void note_interval(double seconds);
  [[nodiscard]] int active_hours() const;

  // Beside the scales, not in them: no padding.
  std::array<WallNs, kMergeGapsS.size()>
      last_ns_{};  // contact that began or went on with an episode
  std::array<Scale, kMergeGapsS.size()> scales_;
  WallNs first_ns_ = 0;
  std::array<std::uint64_t, 3> hours_{};  // ring of the last 168 hours with a contact
  std::uint32_t contacts_ = 0;
  float size_weight_ = 0, size_mean_ = 0, size_spread_ = 0;  // decayed: of ln(1 + bytes)
  std::array<std::uint16_t, kIntervals> intervals_{};  // logarithms, the last one last; 0: none
  std::array<std::uint8_t, kMinutes> minutes_{};       // ring, contacts in each
};

// The k that a memoryless process exceeds with 1 % and 0.01 % chance after n gaps.
struct CriticalShape {
  double one_percent, one_in_ten_thousand;
};
CriticalShape critical_shape(double gaps);

}  // namespace tocsin
