// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>

namespace tocsin {

// Wall time in nanoseconds since the Unix epoch, and boot time (CLOCK_BOOTTIME, counts suspend)
// in nanoseconds since boot. Kernel events carry boot time; people and files get wall time.
using WallNs = std::int64_t;
using BootNs = std::uint64_t;

constexpr std::int64_t kNsPerSecond = 1'000'000'000;

// The daemon runs on SystemClock; replay and tests move a VirtualClock by the events' own times.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual WallNs wall_ns() const = 0;
  [[nodiscard]] virtual BootNs boot_ns() const = 0;
};

class SystemClock final : public Clock {
 public:
  [[nodiscard]] WallNs wall_ns() const override;
  [[nodiscard]] BootNs boot_ns() const override;
};

class VirtualClock final : public Clock {
 public:
  [[nodiscard]] WallNs wall_ns() const override { return wall_ns_; }
  [[nodiscard]] BootNs boot_ns() const override { return boot_ns_; }
  // Time never runs backwards: an earlier value is ignored.
  void advance_to(WallNs wall_ns) {
    if (wall_ns <= wall_ns_) return;
    boot_ns_ += static_cast<BootNs>(wall_ns - wall_ns_);
    wall_ns_ = wall_ns;
  }

 private:
  WallNs wall_ns_ = 0;
  BootNs boot_ns_ = 0;
};

// Wall time of boot (wall - boot), to turn event times into wall times. Re-read every few seconds:
// the wall clock can be stepped.
WallNs boot_epoch_ns(const Clock& clock);

}  // namespace tocsin
