// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <compare>
#include <cstdint>

#include "base/clock.hpp"
#include "base/ip_address.hpp"
#include "base/process_id.hpp"

namespace tocsin {

// What every event says: when, and which process.
struct EventHead {
  WallNs time_ns = 0;
  ProcessId process;
  std::uint64_t cgroup_id = 0;  // 0: unknown
};

struct Endpoint {
  IpAddress address;
  std::uint16_t port = 0;  // host order; 0 unknown
  friend auto operator<=>(const Endpoint&, const Endpoint&) = default;
};

}  // namespace tocsin
