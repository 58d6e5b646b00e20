// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string_view>
#include <unordered_set>

#include "base/sip_hash.hpp"
#include "fleet/fleet_limits.hpp"

namespace tocsin::fleet {

// Which alerts were told, by host and the alert's own id: what a host sends again under new numbers
// is told once all the same. The last kToldIdsMax are known. One thread.
class SeenAlerts {
 public:
  explicit SeenAlerts(std::size_t most = limits::kToldIdsMax);
  // False: it was added before.
  bool add(std::string_view host, std::string_view id);
  [[nodiscard]] std::uint64_t repeated() const { return repeated_; }

 private:
  std::size_t most_;
  SipKey key_;  // random: no host can aim at another's
  std::unordered_set<std::uint64_t> known_;
  std::deque<std::uint64_t> order_;
  std::uint64_t repeated_ = 0;
};

}  // namespace tocsin::fleet
