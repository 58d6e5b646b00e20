// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <functional>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "support/daemon.hpp"

namespace tocsin::test {

// `tocsin events --kind KIND --json` while something runs.
class EventFollower {
 public:
  // Returns when the daemon has surely heard of it.
  EventFollower(Daemon& daemon, const std::string& kind);
  ~EventFollower();
  EventFollower(const EventFollower&) = delete;
  EventFollower& operator=(const EventFollower&) = delete;

  // The first that fits; absent after ten seconds.
  std::optional<nlohmann::json> wait(const std::function<bool(const nlohmann::json&)>& fits);
  [[nodiscard]] std::string text() const { return child_.out(); }

 private:
  Child child_;
};

}  // namespace tocsin::test
