// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/event_loop.hpp"
#include "base/fd.hpp"
#include "base/result.hpp"
#include "base/worker.hpp"
#include "daemon/config.hpp"
#include "fleet/beats.hpp"
#include "fleet/connection.hpp"
#include "fleet/part.hpp"
#include "fleet/shipper.hpp"
#include "fleet/spool.hpp"
#include "fleet/subjects.hpp"

namespace tocsin::fleet {

// The host's end of the fleet: holds the connection to the broker and the parts that use it. One
// thread, but for the worker and the library's own.
class Agent {
 public:
  static Result<std::unique_ptr<Agent>> start(const Config& config);
  // Until SIGTERM or SIGINT; kPermission when the broker will not have us.
  Result<void> run();
  ~Agent();

 private:
  Agent(const Config& config, Subjects subjects);
  Result<void> open();
  void make_parts();
  Result<void> ship(Kind kind, std::string_view data);
  void on_change(bool up);
  void look();  // every second

  Config config_;
  Fd lock_;  // of the state folder
  Subjects subjects_;
  SystemClock clock_;
  std::optional<EventLoop> loop_;
  std::vector<EventLoop::Source> signals_;
  EventLoop::Source timer_;
  bool refused_ = false;

  std::unique_ptr<Connection> connection_;
  std::unique_ptr<AgentContext> context_;
  std::optional<Spool> spool_;
  Shipper* shipper_ = nullptr;  // of parts_
  Beats* beats_ = nullptr;
  std::vector<std::unique_ptr<Part>> parts_;
  std::unique_ptr<Worker> worker_;  // last: its jobs use the rest
};

}  // namespace tocsin::fleet
