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
constexpr WallNs kMinuteNs = 60 * kNsPerSecond;
constexpr WallNs kDayNs = 86'400 * kNsPerSecond;

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
  [[nodiscard]] BootNs boot_ns() const override {
    return wall_ns_ > boot_epoch_ns_ ? static_cast<BootNs>(wall_ns_ - boot_epoch_ns_) : 0;
  }
  // Time never runs backwards: an earlier value is ignored.
  void advance_to(WallNs wall_ns) { wall_ns_ = wall_ns > wall_ns_ ? wall_ns : wall_ns_; }
  // Wall time of boot; 0 when start times are wall times themselves (event JSON lines).
  void set_boot_epoch(WallNs boot_epoch_ns) { boot_epoch_ns_ = boot_epoch_ns; }

 private:
  WallNs wall_ns_ = 0;
  WallNs boot_epoch_ns_ = 0;
};

// Wall time of boot (wall - boot), to turn event times into wall times. Re-read every few seconds:
// the wall clock can be stepped.
WallNs boot_epoch_ns(const Clock& clock);

}  // namespace tocsin
