// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/proof_json.hpp"

namespace tocsin {
namespace {

using Json = nlohmann::json;

double milliseconds(std::uint64_t ns) {
  return static_cast<double>(ns) / 1e6;
}

Json delays_json(const ProofHistory& history) {
  Json out = Json::object();
  for (std::size_t i = 0; i < kCanaryActions; ++i) {
    const auto delays = history.delays(canary_action(i));
    if (delays.count == 0) continue;
    out[kCanaryActionNames[i]] = {{"count", delays.count},
                                  {"p50_ms", milliseconds(delays.p50_ns)},
                                  {"p95_ms", milliseconds(delays.p95_ns)},
                                  {"p99_ms", milliseconds(delays.p99_ns)}};
  }
  return out;
}

}  // namespace

Json actions_json(const ActionProofs& actions) {
  Json out = Json::array();
  for (std::size_t i = 0; i < kCanaryActions; ++i) {
    const auto& action = actions[i];
    Json one = {{"action", kCanaryActionNames[i]}, {"state", to_string(action.state)},
                {"performed", action.performed},   {"seen", action.seen},
                {"alarm", action.alarm},           {"alarm_due", action.alarm_due}};
    if (action.delay_ns) one["ms"] = milliseconds(*action.delay_ns);
    if (!action.reason.empty()) one["reason"] = action.reason;
    out.push_back(std::move(one));
  }
  return out;
}

Json self_proof_json(const SelfProof& proof) {
  const auto schedule = proof.schedule();
  const auto& history = proof.history();
  Json blind = Json::array();
  for (std::size_t i = 0; i < kCanaryActions; ++i)
    if (history.blind(canary_action(i))) blind.push_back(kCanaryActionNames[i]);
  Json last = nullptr;
  if (history.last())
    last = {{"started", static_cast<double>(history.last()->started_ns) / 1e9},
            {"took_ms", milliseconds(history.last()->took_ns)},
            {"canary_cpu_ms", milliseconds(history.last()->canary_cpu_ns)},
            {"trouble", history.last()->trouble},
            {"actions", actions_json(history.last()->actions)}};
  return {{"interval_s", schedule.interval_s}, {"running", schedule.running},
          {"overdue", schedule.overdue},       {"proofs", history.proofs()},
          {"blind", std::move(blind)},         {"last", std::move(last)},
          {"delays", delays_json(history)}};
}

}  // namespace tocsin
