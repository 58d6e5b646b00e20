// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "support/event_follower.hpp"

#include <signal.h>

#include <sstream>
#include <thread>

namespace tocsin::test {

EventFollower::EventFollower(Daemon& daemon, const std::string& kind)
    : child_(
          ChildOptions{.argv = {std::string(TOCSIN_BIN_DIR) + "/tocsin", "--socket",
                                daemon.socket(), "events", "--follow", "--kind", kind, "--json"}}) {
  std::this_thread::sleep_for(Millis(500));  // it says nothing when it listens
}

EventFollower::~EventFollower() {
  child_.signal(SIGTERM);
}

std::optional<nlohmann::json> EventFollower::wait(
    const std::function<bool(const nlohmann::json&)>& fits) {
  for (int i = 0; i < 500; ++i) {
    std::istringstream lines(child_.out());
    for (std::string line; std::getline(lines, line);)
      if (const auto event = nlohmann::json::parse(line, nullptr, false);
          event.is_object() && fits(event))
        return event;
    std::this_thread::sleep_for(Millis(20));
  }
  return std::nullopt;
}

}  // namespace tocsin::test
