// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "cli/doctor_checks.hpp"

namespace tocsin::cli {

// The daemon that answers: whether it has a right says nobody else, as root has all of them and the
// unit has not.
struct DaemonView {
  nlohmann::json status;    // of `tocsin status`; null: none answers
  std::string proc_status;  // its /proc/PID/status; empty: cannot be read
};

DaemonView look_at_daemon(const nlohmann::json& status);
// Rights that are needed for a part only: for a response that kills, and for the self-proof's DNS
// answer. One check each.
std::vector<Check> rights_checks(const DaemonView& daemon);

}  // namespace tocsin::cli
