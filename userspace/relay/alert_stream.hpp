// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/event_loop.hpp"
#include "base/result.hpp"
#include "control/client.hpp"
#include "relay/spool.hpp"

namespace tocsin::relay {

// An alert as the daemon tells it; nullopt: it is none. One of unknown severity is critical: it is
// for everyone.
std::optional<SpooledAlert> read_alert(std::string text);

// Follows the daemon's alerts and puts them into the spool. After a break, of the daemon, the
// connection or itself, it goes on behind the last one taken: the daemon still has them, in memory
// or in its history. Loop's thread.
class AlertStream {
 public:
  struct Parts {
    EventLoop& loop;
    const Clock& clock;
    std::string socket;
    Spool& spool;                    // outlives it
    std::function<void()> on_taken;  // something new is in the spool
  };
  explicit AlertStream(Parts parts) : parts_(std::move(parts)) {}

  // Once a second: connects when it is not and a try is due.
  void tick();
  // Why it does not follow; empty: it does.
  [[nodiscard]] const std::string& trouble() const { return trouble_; }

 private:
  Result<void> connect();
  void disconnect(std::string why);
  void on_ready();
  Result<void> take_what_is_there();

  Parts parts_;
  std::optional<control::Client> client_;
  EventLoop::Source source_;
  BootNs next_connect_ns_ = 0;
  std::uint32_t failures_ = 0;
  bool place_gone_ = false;  // the daemon does not know the place any more
  std::string trouble_ = "not connected yet";
};

}  // namespace tocsin::relay
