// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "control/client.hpp"
#include "fleet/part.hpp"
#include "fleet/shipper.hpp"
#include "fleet/spool.hpp"

namespace tocsin::fleet {

// Takes the daemon's alerts into the spool, from behind the last one that is there; without one,
// from when the host was enrolled. A daemon that is gone is waited for.
class AlertFollower final : public Part {
 public:
  // The others must outlive it.
  AlertFollower(AgentContext& context, Spool& spool, Shipper& shipper)
      : context_(context), spool_(spool), shipper_(shipper) {}

  Result<void> start() override;
  void describe(nlohmann::json& beat) const override;

 private:
  void connect();
  void disconnect(const std::string& why);
  void on_daemon();
  void take(const std::string& alert);

  AgentContext& context_;
  Spool& spool_;
  Shipper& shipper_;
  std::optional<control::Client> client_;
  EventLoop::Source source_, timer_;
  std::uint64_t failures_ = 0;
  bool anew_ = false;  // the daemon does not know the last alert of ours
  std::uint64_t taken_ = 0, refused_ = 0;
};

}  // namespace tocsin::fleet
