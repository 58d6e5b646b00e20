// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace tocsin::report {

struct IncidentLine {
  double time_s = 0;          // Unix
  std::string what, command;  // printable; either may be empty
  bool loud = false;          // more than one command among others
};

// What was done below a program, in its order: the steps of tocsin.incident, its update before
// them.
struct IncidentStory {
  std::vector<IncidentLine> steps;
  std::uint64_t left_out = 0;
};
// Empty for an alert that is none.
IncidentStory incident_of(const nlohmann::json& alert);

}  // namespace tocsin::report
