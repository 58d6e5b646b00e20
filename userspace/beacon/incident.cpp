// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "beacon/incident.hpp"

#include <string_view>

namespace tocsin {

std::string_view to_string(IncidentStepKind kind) {
  static constexpr std::string_view kWords[] = {"shell", "first-command", "look-around", "dropped",
                                                "command"};
  return kWords[static_cast<std::size_t>(kind)];
}

void write_incident(JsonWriter& w, const IncidentFacts& incident) {
  w.begin_object();
  if (incident.updated_ns) {
    w.member_object("update").key("ts").unix_seconds(*incident.updated_ns);
    if (incident.before) w.member("before", incident.before->hex());
    w.end();
  }
  w.member_array("steps");
  for (const auto& step : incident.steps) {
    w.begin_object().key("ts").unix_seconds(step.at_ns);
    w.member("what", to_string(step.kind)).member("command", step.command);
    if (step.process.known()) w.member("pid", step.process.pid);
    w.end();
  }
  w.end();
  if (incident.steps_left_out > 0) w.member("steps_left_out", incident.steps_left_out);
  w.end();
}

}  // namespace tocsin
