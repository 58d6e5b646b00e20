// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include "base/process_id.hpp"

namespace tocsin {

// procfs tells start times in ticks of 1/100 s on every Linux architecture we build for (USER_HZ):
// a process that ran before the daemon is known by its tick until the kernel tells it exactly.
inline constexpr BootNs kStartTickNs = 10'000'000;

constexpr BootNs start_tick(ProcessId process) {
  return process.start_ns / kStartTickNs;
}

constexpr bool is_same_process(ProcessId a, ProcessId b) {
  return a.pid == b.pid && start_tick(a) == start_tick(b);
}

}  // namespace tocsin
