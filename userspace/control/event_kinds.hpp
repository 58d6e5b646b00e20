// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tocsin::control {

// The kinds a client can ask for, as in the event JSON lines; a set of them is a mask.
using EventKindMask = std::uint32_t;

inline constexpr std::array<std::string_view, 13> kEventKinds = {
    "fork", "exec", "exit", "module", "connect", "close",  "dns",
    "tls",  "quic", "http", "loss",   "cgroup",  "refused"};

inline constexpr EventKindMask kAllEventKinds = (EventKindMask{1} << kEventKinds.size()) - 1;

// 0 when there is no such kind.
constexpr EventKindMask event_kind_bit(std::string_view kind) {
  for (std::size_t i = 0; i < kEventKinds.size(); ++i)
    if (kEventKinds[i] == kind) return EventKindMask{1} << i;
  return 0;
}

}  // namespace tocsin::control
