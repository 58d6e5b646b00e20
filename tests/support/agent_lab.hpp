// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/database.hpp"
#include "support/control_bench.hpp"
#include "support/fleet_fixture.hpp"

namespace tocsin::test {

// The real agent of web-1, a control server whose answers are the test's, and the real broker.
struct AgentLab {
  NatsLab lab{{"web-1"}};
  ControlBench daemon;
  TempDir state;
  std::unique_ptr<Child> agent;

  AgentLab() { lab.init(); }
  void start(double beat_s = 1, const std::vector<std::string>& more = {}) {
    std::vector<std::string> argv = {std::string(TOCSIN_BIN_DIR) + "/tocsin-fleet", "--socket",
                                     daemon.path()};
    auto settings = lab.host_settings("web-1");
    settings.push_back("fleet.state_dir=" + state.path().string());
    settings.push_back("fleet.beat_interval_s=" + std::to_string(beat_s));
    settings.insert(settings.end(), more.begin(), more.end());
    for (const auto& setting : settings) argv.insert(argv.end(), {"-o", setting});
    argv.push_back("run");
    agent = std::make_unique<Child>(ChildOptions{.argv = argv});
  }
  // As the daemon raised them at that time.
  void raise(int first, int last, WallNs at_ns = SystemClock().wall_ns()) {
    for (int n = first; n <= last; ++n)
      daemon.backend.kept_alerts.push_back(R"({"event":{"id":"A)" + std::to_string(n) +
                                           R"("},"message":"alert","ns":)" + std::to_string(at_ns) +
                                           "}");
  }
  [[nodiscard]] std::int64_t spooled() const {
    auto database = Database::open(state.file("spool.db"), {});
    return database ? database->integer("SELECT count(*) FROM item").value_or(-1) : -1;
  }
  bool turn(const std::function<bool()>& done, Millis limit = Millis(20'000)) {
    return turn_until(daemon.loop, done, limit);
  }
};

}  // namespace tocsin::test
