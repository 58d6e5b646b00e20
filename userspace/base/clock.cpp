// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "base/clock.hpp"

#include <time.h>

namespace tocsin {
namespace {

std::int64_t read_clock(clockid_t id) {
  timespec ts{};
  clock_gettime(id, &ts);
  return static_cast<std::int64_t>(ts.tv_sec) * kNsPerSecond + ts.tv_nsec;
}

}  // namespace

WallNs SystemClock::wall_ns() const {
  return read_clock(CLOCK_REALTIME);
}
BootNs SystemClock::boot_ns() const {
  return static_cast<BootNs>(read_clock(CLOCK_BOOTTIME));
}

WallNs boot_epoch_ns(const Clock& clock) {
  return clock.wall_ns() - static_cast<WallNs>(clock.boot_ns());
}

}  // namespace tocsin
