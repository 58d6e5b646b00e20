// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "fleet/host_watch.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "fleet/fleet_limits.hpp"

namespace tocsin::fleet {

void HostWatch::beat(const std::string& host, double interval_s, WallNs at_ns) {
  if (!hosts_.contains(host) && hosts_.size() >= limits::kFleetHostsMax) {
    ++beyond_;
    return;
  }
  auto& known = hosts_[host];
  if (known.silent) changes_.push_back({host, false, known.last_ns});
  known.silent = false;
  if (at_ns > known.last_ns) known.spared = false;
  known.last_ns = std::max(known.last_ns, at_ns);
  const double interval = std::isfinite(interval_s) ? std::clamp(interval_s, 1.0, 86'400.0) : 60;
  known.interval_ns = static_cast<WallNs>(interval * 1e9);
}

void HostWatch::resume(WallNs now_ns, WallNs grace_ns) {
  resumed_ns_ = now_ns + grace_ns;
}

void HostWatch::blink(WallNs now_ns, WallNs grace_ns) {
  for (auto& [name, host] : hosts_)
    if (!std::exchange(host.spared, true)) host.spared_ns = now_ns + grace_ns;
}

std::vector<HostWatch::Change> HostWatch::look(WallNs now_ns) {
  for (auto& [name, host] : hosts_) {
    const auto heard_by = std::max(resumed_ns_, host.spared_ns);
    const auto silent_at = std::max(host.last_ns + kBeatsMissed * host.interval_ns,
                                    heard_by + (heard_by != 0 ? host.interval_ns : 0));
    if (host.silent || now_ns < silent_at) continue;
    host.silent = true;
    changes_.push_back({name, true, host.last_ns});
  }
  return std::exchange(changes_, {});
}

}  // namespace tocsin::fleet
