// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// The daemon's side of the response: what is done beside the alert, and isolation on demand.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spdlog/spdlog.h>

#include <algorithm>

#include "base/cgroup2_root.hpp"
#include "daemon/daemon.hpp"
#include "daemon/privileges.hpp"
#include "process/cgroup_table.hpp"

namespace tocsin {

using Json = nlohmann::json;

Result<void> Daemon::open_response() {
  const auto held_back = [this](const IpAddress& address) {
    const auto hits = guards_.hits(IndicatorType::kIp, address.to_string());
    return is_sinkhole(guards_, address) ||
           std::ranges::any_of(hits, [](const Warninglists::Hit& hit) {
             return hit.list->effect >= ListEffect::kHold;
           });
  };
  if (policy_.active()) {
    spdlog::info("response{}: {}", policy_.dry_run() ? " (dry run)" : "",
                 fmt::join(policy_.rules(), "; "));
    if (Responder::needs_kill(policy_) && !can_kill())
      health_alert(Severity::kMedium,
                   "the response is to kill, but CAP_KILL is missing: processes of other users are "
                   "killed in the exec hook only");
    responder_ = std::make_unique<Responder>(Responder::Parts{
        .clock = clock_,
        .indicators = indicators_->store(),
        .kernel = source_->response(),
        .policy = policy_,
        .is_guarded = held_back,
        .is_own = [this](ProcessId process) { return is_own(process); },
        .on_trouble =
            [this](std::string what) { health_alert(Severity::kMedium, std::move(what)); }});
  }
  const bool packets = std::ranges::any_of(source_->hooks(), [](const HookStatus& hook) {
    return hook.event == "packet" && hook.state != HookState::kMissing;
  });
  isolation_ = std::make_unique<IsolationDesk>(IsolationDesk::Parts{
      .clock = clock_,
      .kernel = source_->response(),
      .cgroup_mount = find_cgroup2_root().path,
      .file = options_.config.state_dir + "/isolation.json",
      .always = options_.config.response.isolation_allow,
      .packets = packets,
      .tell = [this](std::string what) { health_alert(Severity::kHigh, std::move(what)); }});
  isolation_->resume();
  return {};
}

Result<Json> Daemon::isolate(const control::IsolateRequest& request) {
  return isolation_->isolate(request);
}

Result<Json> Daemon::release() {
  return isolation_->release();
}

}  // namespace tocsin
