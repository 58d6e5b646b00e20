// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "control/client.hpp"
#include "fleet/part.hpp"

namespace tocsin::fleet {

// With fleet.telemetry: the daemon's event lines, many in one message, one a line. What happens
// while the daemon or this program is away is not sent; what the daemon could not hand over is
// counted.
class EventFollower final : public Part {
 public:
  explicit EventFollower(AgentContext& context) : context_(context) {}

  Result<void> start() override;
  void describe(nlohmann::json& beat) const override;

 private:
  void look();  // every second
  void connect();
  void on_daemon();
  void flush();

  AgentContext& context_;
  std::optional<control::Client> client_;
  EventLoop::Source source_, timer_;
  std::string lines_;
  std::uint64_t taken_ = 0, lost_ = 0;
};

}  // namespace tocsin::fleet
