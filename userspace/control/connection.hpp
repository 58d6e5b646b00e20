// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/event_loop.hpp"
#include "base/fd.hpp"
#include "base/result.hpp"
#include "control/commands.hpp"
#include "control/protocol.hpp"

namespace tocsin::control {

struct ServerCounters {
  std::uint64_t accepted = 0;
  std::uint64_t refused = 0;  // no right, or too many clients
  std::uint64_t requests = 0;
  std::uint64_t bad_frames = 0;  // closed for what they sent
  std::uint64_t cut_off = 0;     // closed for not reading
  std::uint64_t idle_closed = 0;
  std::uint64_t events_dropped = 0;  // not sent to a slow reader
};

// One client from accept to close. Memory is bounded by kControlRequestBytesMax on the way in and
// by kControlBacklogBytesMax on the way out. Loop's thread only; after close() only closed() may be
// used.
class Connection {
 public:
  // What all connections of a server share; outlives them.
  struct Shared {
    Backend& backend;
    const Clock& clock;
    ServerCounters counters;
  };

  // socket_fd is non-blocking. Greets the client.
  Connection(Shared& shared, Fd socket_fd, Access access, pid_t peer_pid);
  Result<void> watch(EventLoop& loop, std::move_only_function<void(std::uint32_t)> on_ready);

  // Readiness of the socket, as epoll tells it.
  void handle(std::uint32_t epoll_events);
  // To this client if it follows such; dropped and counted when it reads too slowly.
  void publish_event(EventKindMask kind, std::string_view line);
  // To this client if it follows such; cut off when it does not read.
  void publish_alert(Severity severity, std::string_view line);
  // To this client if it is the relay.
  void publish_order(std::string_view line);
  // Closes it when it is silent or does not take its bytes for longer than idle_ns.
  void sweep(std::uint64_t idle_ns);

  [[nodiscard]] EventKindMask wanted_events() const;
  [[nodiscard]] bool wants_alerts() const;
  // Of the relay's connection that waits for orders, else nullopt.
  [[nodiscard]] std::optional<pid_t> relay_pid() const;
  [[nodiscard]] bool closed() const { return !socket_; }
  [[nodiscard]] std::size_t pending_bytes() const;

 private:
  struct Active {  // the request being answered
    std::uint64_t id = 0;
    Answer answer;
    bool items_done = false;
    std::uint64_t lost = 0;  // events not sent and not told yet
  };

  void close();
  void read_some();
  void write_some();
  void end_conversation();
  // Answers what has been asked as far as there is room to send; leaves the rest for later.
  void pump();
  void fill_from_items();
  void fill_from_later();
  void append_urgent(std::string_view line);
  void start(const Request& request);
  void break_off(const Error& error);
  void end_recording();
  void send_lost();
  void append(std::string_view payload) { append_frame(out_, payload); }
  void append_live(std::string_view payload);
  void cut_off_if_behind();
  void update_interest();

  Shared& shared_;
  Fd socket_;
  Access access_;
  pid_t peer_pid_;
  EventLoop::Source source_;
  FrameReader reader_;
  Fd passed_;  // descriptor received, waits for its request
  std::optional<Active> active_;
  std::string out_;  // frames on their way, from sent_ on
  std::size_t sent_ = 0;
  std::string live_;               // published while older items are still being sent
  std::size_t dropped_bytes_ = 0;  // of events, since the client last took a byte
  BootNs last_request_ns_;
  BootNs last_taken_ns_;  // when the client last took bytes, or had none to take
  bool input_ended_ = false;
  bool close_when_sent_ = false;
};

}  // namespace tocsin::control
