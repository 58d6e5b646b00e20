// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "fleet/connection.hpp"
#include "fleet/subjects.hpp"

namespace tocsin::fleet {

// How a stream keeps what it is told; 0: no limit of that kind.
struct StreamPlan {
  std::string name;
  std::vector<std::string> subjects;
  std::int64_t days = 0;
  std::int64_t messages_per_subject = 0;  // the oldest of that subject go: a flood drowns itself
  std::int64_t bytes = 0;                 // of the whole stream; the oldest go
  bool direct = false;                    // may be read without a consumer, which is all hosts may
  bool purged = false;                    // the operator takes old ones away; otherwise nobody can
};

// Every stream of the fleet: docs/fleet.md has the same table.
std::vector<StreamPlan> stream_plans(const Subjects& subjects);

struct StreamMade {
  std::string name;
  bool created = false;  // false: it was there, and is as planned now
  int replicas = 0;      // copies
};
// Makes or updates them all, with so many copies (1, 3 or 5; 0: a stream that is there keeps its
// own, a new one has one). Blocks.
Result<std::vector<StreamMade>> make_streams(Connection& connection, const Subjects& subjects,
                                             int replicas);
// The sequence of the last message that it took; 0: none yet. Blocks.
Result<std::uint64_t> last_sequence_of(Connection& connection, const std::string& stream);

}  // namespace tocsin::fleet
