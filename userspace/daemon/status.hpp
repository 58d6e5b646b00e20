// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "capture/event_source.hpp"
#include "capture/hook_table.hpp"
#include "daemon/alert_desk.hpp"
#include "daemon/loss_ledger.hpp"
#include "daemon/pipeline.hpp"
#include "hash/hash_counters.hpp"
#include "indicators/store.hpp"
#include "packages/package_service.hpp"
#include "process/process_table.hpp"
#include "sink/fan_out.hpp"

namespace tocsin {

// Everything the status object of docs/control-protocol.md is made of.
struct StatusInput {
  WallNs now_ns = 0;
  WallNs started_ns = 0;
  const std::vector<HookStatus>& hooks;
  const std::vector<std::string>& disabled_hooks;
  const CaptureCounters& capture;
  const PipelineCounters& pipeline;
  const HashCounters& hash;
  const ProcessTable::Counters& processes;
  const IndicatorStore& indicators;
  const AlertDesk& alerts;
  const FanOut& sinks;
  const LossLedger& losses;
  nlohmann::json names;  // see names_json.hpp
};

nlohmann::json status_json(const StatusInput& in);

// The "packages" object of it.
nlohmann::json packages_json(const PackageService& packages);

// The "sets" array of it, also the answer to "indicators".
nlohmann::json sets_json(const IndicatorStore& store);

}  // namespace tocsin
