// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "base/clock.hpp"
#include "base/event_loop.hpp"
#include "base/result.hpp"
#include "base/worker.hpp"
#include "daemon/config.hpp"
#include "fleet/connection.hpp"
#include "fleet/subjects.hpp"
#include "fleet/validity.hpp"

namespace tocsin::fleet {

// What the agent lends to its parts. Lives as long as they do; everything runs on the loop's
// thread, but for the jobs that a part gives to the worker.
struct AgentContext {
  const Config& config;
  const Subjects& subjects;
  std::string host;  // in subjects: the name in the certificate
  const Clock& clock;
  EventLoop& loop;
  Worker& worker;  // for what blocks: files, the daemon's long answers, requests to the broker
  Connection& connection;
  Validity validity = {};  // of the host's certificate; zero: unknown
  // At least once, over restarts: into the spool, from there to up.HOST.KIND. kLimit: too long.
  std::function<Result<void>(Kind, std::string_view data)> ship;
  // Something that the next beat tells has changed: it goes out at once.
  std::function<void()> beat_soon;
};

// One concern of the agent. Made before the connection is up, destroyed before the context.
class Part {
 public:
  Part() = default;
  virtual ~Part() = default;
  Part(const Part&) = delete;
  Part& operator=(const Part&) = delete;

  // Once: files are read, subscriptions made. An error ends the agent.
  virtual Result<void> start() = 0;
  // The connection came or went; after start().
  virtual void connected(bool /*up*/) {}
  // Adds the part's own members to the beat.
  virtual void describe(nlohmann::json& /*beat*/) const {}
};

}  // namespace tocsin::fleet
