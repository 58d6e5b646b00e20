// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/digest.hpp"
#include "base/json_writer.hpp"
#include "base/process_id.hpp"

namespace tocsin {

enum class IncidentStepKind : std::uint8_t {
  kShell,         // on a socket or a fresh terminal
  kFirstCommand,  // the program's first "sh -c" ever
  kRecon,         // the third look-around command of a minute
  kDropped,       // a file never seen before
  kCommand        // anything else that ran below the program while the incident went on
};
std::string_view to_string(IncidentStepKind kind);  // "shell", "first-command", …

// One thing that ran below a program that makes contacts.
struct IncidentStep {
  WallNs at_ns = 0;
  IncidentStepKind kind = IncidentStepKind::kCommand;
  std::string command;  // as people read it, safe to print
  ProcessId process;
};

// What an incident tells beside the beacon itself. Copies.
struct IncidentFacts {
  // When other content came to the program's path, and what was there before.
  std::optional<WallNs> updated_ns;
  std::optional<Sha256> before;
  std::vector<IncidentStep> steps;  // in the order they were seen
  std::uint64_t steps_left_out = 0;
};

// As one JSON object; the writer stands where a value is expected.
void write_incident(JsonWriter& w, const IncidentFacts& incident);

}  // namespace tocsin
