// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <compare>
#include <cstdint>

#include "base/clock.hpp"

namespace tocsin {

// A process is its id and its start time: ids are reused within seconds on a busy host. start_ns is
// CLOCK_BOOTTIME of the thread group leader's start (Unix time in replays of JSON lines).
struct ProcessId {
  std::uint32_t pid = 0;
  BootNs start_ns = 0;

  [[nodiscard]] bool known() const { return pid != 0; }
  friend auto operator<=>(const ProcessId&, const ProcessId&) = default;
};

struct ProcessIdHash {
  std::size_t operator()(const ProcessId& id) const {
    // The pid is spread before it meets the start: one xor of both would let them cancel out.
    const std::uint64_t h = (id.start_ns + id.pid * 0x9e3779b97f4a7c15ULL) * 0xff51afd7ed558ccdULL;
    return static_cast<std::size_t>(h ^ (h >> 32));
  }
};

}  // namespace tocsin
