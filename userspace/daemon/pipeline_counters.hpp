// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>

namespace tocsin {

// What a stage saw, ignored and could not use; "lost" lives in the LossLedger.
struct PipelineCounters {
  std::uint64_t decode_errors = 0;
  std::uint64_t fork = 0, exec = 0, exit = 0, connect = 0, connect_result = 0, close = 0;
  std::uint64_t cgroup = 0, module = 0, packet = 0, dns = 0, hello = 0, refused = 0;
  std::uint64_t packet_unowned = 0;  // of them: whose socket it was is not known
  std::uint64_t matches = 0;
  std::uint64_t connect_named = 0;  // contacts whose destination had a name
  std::uint64_t relayed = 0;        // questions that a resolver passed on for another process
  std::uint64_t unasked = 0;  // answers in packets to no question of that process: not believed
  std::uint64_t own = 0;      // matches of tocsin's own look-ups: no alert
};

}  // namespace tocsin
