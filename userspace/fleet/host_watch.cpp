// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "fleet/host_watch.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "fleet/fleet_limits.hpp"

namespace tocsin::fleet {

void HostWatch::beat(const std::string& host, double interval_s, Heard heard) {
  if (!hosts_.contains(host) && hosts_.size() >= limits::kFleetHostsMax) {
    ++beyond_;
    return;
  }
  const auto [at, is_first] = hosts_.try_emplace(host);
  auto& known = at->second;
  if (known.silent) changes_.push_back({host, false, known.last.wall_ns});
  known.silent = false;
  if (is_first || heard.at_ns > known.last.at_ns) {
    known.spared = false;
    known.last = heard;
  }
  const double interval = std::isfinite(interval_s) ? std::clamp(interval_s, 1.0, 86'400.0) : 60;
  known.interval_ns = static_cast<Boot>(interval * 1e9);
}

void HostWatch::resume(Boot now_ns, Boot grace_ns) {
  resumed_ns_ = now_ns + grace_ns;
}

void HostWatch::blink(Boot now_ns, Boot grace_ns) {
  for (auto& [name, host] : hosts_)
    if (!std::exchange(host.spared, true)) host.spared_ns = now_ns + grace_ns;
}

std::vector<HostWatch::Change> HostWatch::look(Boot now_ns) {
  for (auto& [name, host] : hosts_) {
    const auto heard_by = std::max(resumed_ns_, host.spared_ns);
    const auto silent_at = std::max(host.last.at_ns + kBeatsMissed * host.interval_ns,
                                    heard_by + (heard_by != 0 ? host.interval_ns : 0));
    if (host.silent || now_ns < silent_at) continue;
    host.silent = true;
    changes_.push_back({name, true, host.last.wall_ns});
  }
  return std::exchange(changes_, {});
}

HostWatch::Heard heard_before(WallNs stored_ns, HostWatch::Heard now) {
  const auto age_ns = std::max<WallNs>(0, now.wall_ns - stored_ns);
  return {.at_ns = now.at_ns - age_ns, .wall_ns = now.wall_ns - age_ns};
}

}  // namespace tocsin::fleet
