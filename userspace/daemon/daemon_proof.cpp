// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// How the daemon proves itself, and what it tells systemd's watchdog of that.
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "daemon/daemon.hpp"

namespace tocsin {

Result<void> Daemon::open_self_proof() {
  TOCSIN_TRY(proof_, SelfProof::start(
                         {.loop = *loop_,
                          .clock = clock_,
                          .indicators = indicators_->store(),
                          .excuse = [this](CanaryAction action) { return excuse_of(action); },
                          .tell =
                              [this](const ProofNews& news) {
                                spdlog::log(news.severity == Severity::kInfo ? spdlog::level::info
                                                                             : spdlog::level::warn,
                                            "self-proof: {}", news.message);
                                health_alert(news.severity, news.message);
                              },
                          .lost = [this](LossEvent loss) { pipeline_->on_event(std::move(loss)); }},
                         options_.config.self_proof.interval_s));
  TOCSIN_TRY(self_test_, SelfTest::create({*loop_, clock_, *proof_, *sinks_}));
  watchdog_.emplace(options_.config.self_proof.interval_s);
  return {};
}

// Library mappings are captured only where a kernel hook for them is attached.
std::string Daemon::excuse_of(CanaryAction action) const {
  if (action != CanaryAction::kLibrary) return {};
  const auto& hooks = source_->hooks();
  const bool attached = std::ranges::any_of(hooks, [](const HookStatus& hook) {
    return hook.event == "module" && hook.state != HookState::kMissing;
  });
  return attached ? "" : "no kernel hook for library mappings is attached";
}

void Daemon::feed_watchdog() {
  auto trouble = watchdog_->second(proof_->history());
  if (!trouble) return;
  spdlog::error("{}", *trouble);
  health_alert(Severity::kMedium, std::move(*trouble));
}

}  // namespace tocsin
