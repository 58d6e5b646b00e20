// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "report/incident.hpp"

#include <fmt/format.h>

#include <string_view>

#include "cli/json_view.hpp"
#include "report/report_limits.hpp"

namespace tocsin::report {
namespace {

using nlohmann::json;

constexpr std::size_t kCommandShown = 300;

std::string step_words(const std::string& what) {
  if (what == "shell") return "a shell on a socket or a fresh terminal";
  if (what == "first-command") return "its first command line ever";
  if (what == "look-around") return "looking around";
  return what == "dropped" ? "a file never seen before" : what;
}

}  // namespace

IncidentStory incident_of(const json& alert) {
  IncidentStory out;
  const json* incident = cli::find_at(alert, "/tocsin/incident");
  if (incident == nullptr) return out;
  if (const auto updated = cli::number_at(*incident, "/update/ts")) {
    const auto before = cli::text_at(*incident, "/update/before", 64);
    out.steps.push_back({*updated, "the program was changed",
                         before.empty() ? "" : "before it was sha256 " + before, true});
  }
  out.left_out = cli::count_at(*incident, "/steps_left_out");
  const json* steps = cli::find_at(*incident, "/steps");
  if (steps == nullptr || !steps->is_array()) return out;
  for (const auto& step : *steps) {
    if (out.steps.size() >= limits::kReportRowsMax) {
      ++out.left_out;
      continue;
    }
    const auto what = cli::text_at(step, "/what", 32), pid = cli::text_at(step, "/pid", 16);
    out.steps.push_back({cli::number_at(step, "/ts").value_or(0),
                         step_words(what) + (pid.empty() ? "" : fmt::format(" (pid {})", pid)),
                         cli::text_at(step, "/command", kCommandShown), what != "command"});
  }
  return out;
}

}  // namespace tocsin::report
