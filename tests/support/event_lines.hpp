// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "daemon/replay.hpp"
#include "support/temp_dir.hpp"

namespace tocsin::test {

// Event JSON lines that a test writes as a story, and what the replay makes of them. Times are
// seconds since the story's begin; a process is its pid, which also gives its start.
class EventLines {
 public:
  using Json = nlohmann::json;

  // members: whatever the line says beside time, process and path ("sha256", "package", …).
  EventLines& exec(double at, int pid, const std::string& path, Json members = Json::object());
  EventLines& connect(double at, int pid, const std::string& host, Json members = Json::object());
  // A member "ts" says another time than the line's place in the story.
  EventLines& line(double at, int pid, const std::string& kind, Json members);

  struct Outcome {
    std::vector<Json> beacons, alerts;
    // The first whose destination it is; fails the test when there is none.
    [[nodiscard]] const Json& beacon(const std::string& destination) const;
    [[nodiscard]] bool has(const std::string& destination) const;
  };
  // The lines in the order of time through the daemon's own stages.
  [[nodiscard]] Outcome replay(BeaconOptions options = {}) const;

 private:
  std::vector<std::pair<double, Json>> lines_;
};

// 64 hex digits that differ by name.
std::string digest_of(const std::string& name);

}  // namespace tocsin::test
