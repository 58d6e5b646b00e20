// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>

#include "fleet/part.hpp"
#include "fleet/shipper.hpp"
#include "fleet/spool.hpp"

namespace tocsin::fleet {

// What this host had never seen before, every digest_interval_s: so that the centre can tell the
// rare from the common. Each period once, over restarts; one in which the daemon did not answer is
// part of the next.
class Digests final : public Part {
 public:
  // The others must outlive it.
  Digests(AgentContext& context, Spool& spool, Shipper& shipper)
      : context_(context), spool_(spool), shipper_(shipper) {}

  Result<void> start() override;
  void describe(nlohmann::json& beat) const override;

 private:
  void ask();
  void ship(WallNs from, WallNs to, nlohmann::json seen);

  AgentContext& context_;
  Spool& spool_;
  Shipper& shipper_;
  EventLoop::Source timer_;
  std::uint64_t made_ = 0, failed_ = 0;
};

}  // namespace tocsin::fleet
