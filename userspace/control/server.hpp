// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/event_loop.hpp"
#include "base/fd.hpp"
#include "base/limits.hpp"
#include "base/result.hpp"
#include "control/backend.hpp"
#include "control/connection.hpp"

namespace tocsin::control {

struct ServerOptions {
  std::string path = "/run/tocsin/control.sock";
  std::string group = "tocsin";  // its members may read; empty or unknown: root only
  std::string relay_user = {};   // may bring feeds and look-ups; empty or unknown: only root may
  std::string fleet_user = {};   // may bring sets; the same
  std::uint64_t idle_ns = limits::kControlIdleNs;
  std::uint64_t sweep_us = 1'000'000;  // how often silent clients are looked for
};

// The daemon's end of the control socket (docs/control-protocol.md). Loop's thread only.
class Server {
 public:
  struct Parts {  // all outlive the server
    EventLoop& loop;
    Backend& backend;
    const Clock& clock;
  };
  // kBusy when another daemon answers on the socket or holds its lock; a socket nobody answers on
  // is replaced. Makes the socket's folder when only that is missing.
  static Result<std::unique_ptr<Server>> start(Parts parts, ServerOptions options);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Kinds that somebody follows: nothing needs to be rendered for others.
  [[nodiscard]] EventKindMask wanted_events() const;
  // line is one JSON object without a newline. Kinds nobody knows are not sent.
  void publish_event(std::string_view kind, std::string_view line);
  void publish_alert(Severity severity, std::string_view line);
  // For the relay; how many took it.
  std::size_t publish_order(std::string_view line);
  // Processes that said they are the relay and may be: what they ask the network is our own doing.
  [[nodiscard]] bool has_relay() const;
  [[nodiscard]] bool is_relay(pid_t pid) const;
  [[nodiscard]] std::optional<pid_t> relay_pid() const;  // the first of them

  [[nodiscard]] const ServerCounters& counters() const { return shared_.counters; }
  [[nodiscard]] std::size_t clients() const;
  // What waits for all clients together.
  [[nodiscard]] std::size_t pending_bytes() const;
  // For the log when the socket is narrower than asked for; empty otherwise.
  [[nodiscard]] const std::string& note() const { return note_; }

 private:
  Server(Parts parts, ServerOptions options);
  Result<void> open();
  Result<void> lock();
  Result<void> clear_stale();
  Result<void> listen_on_path();
  Result<void> watch();
  void accept_some();
  void admit(Fd socket_fd);
  void sweep();
  void reap();

  EventLoop& loop_;
  ServerOptions options_;
  Connection::Shared shared_;
  Accounts accounts_;
  std::string note_;
  Fd lock_;
  Fd listener_;
  ino_t socket_ino_ = 0;  // of the path we made: never unlink a successor's
  std::vector<std::unique_ptr<Connection>> connections_;
  EventLoop::Source accept_source_, sweep_timer_, reap_timer_;
};

}  // namespace tocsin::control
