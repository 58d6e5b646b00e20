// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <nlohmann/json.hpp>

#include "daemon/self_proof.hpp"

namespace tocsin {

// One object for each action, in their order: docs/control-protocol.md.
nlohmann::json actions_json(const ActionProofs& actions);

// The "self_proof" object of the status.
nlohmann::json self_proof_json(const SelfProof& proof);

}  // namespace tocsin
