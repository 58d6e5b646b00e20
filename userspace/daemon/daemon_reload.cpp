// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// What SIGHUP and `tocsin ioc reload` change while the daemon runs.
#include <spdlog/spdlog.h>
#include <systemd/sd-daemon.h>

#include <algorithm>
#include <array>
#include <utility>

#include "daemon/daemon.hpp"

namespace tocsin {
namespace {

// Every other key takes effect at the next start.
constexpr std::array<std::string_view, 3> kAppliedKeys = {"log.level", "hash.max_bytes",
                                                          "beacon.allow"};

}  // namespace

using Json = nlohmann::json;

void Daemon::reload(control::Done done) {
  sd_notify(0, "RELOADING=1");
  apply_config();
  indicators_->reload("reload", [done = std::move(done)](Result<Json> answer) mutable {
    sd_notify(0, "READY=1");
    if (done) done(std::move(answer));
  });
}

void Daemon::apply_config() {
  auto loaded = load_config(options_.source);
  if (!loaded.ok()) {
    for (const auto& fault : loaded.faults) spdlog::error("{}", fault.to_string());
    spdlog::error("reload: the config has faults, the old one stays active");
  } else {
    spdlog::set_level(static_cast<spdlog::level::level_enum>(loaded.config.log.level));
    hashes_->set_max_bytes(loaded.config.hash.max_bytes);
    beacons_->watch().set_allowed(loaded.config.beacon.allow);
    const auto now = describe(options_.config);
    const auto next = describe(loaded.config);
    for (std::size_t i = 0; i < now.size() && i < next.size(); ++i)
      if (now[i].value != next[i].value &&
          std::ranges::find(kAppliedKeys, now[i].key) == kAppliedKeys.end())
        spdlog::warn("{} changed: takes effect at the next start", now[i].key);
    options_.config.log = loaded.config.log;
    options_.config.hash = loaded.config.hash;
    options_.config.beacon.allow = std::move(loaded.config.beacon.allow);
  }
  sinks_->reopen();
}

}  // namespace tocsin
