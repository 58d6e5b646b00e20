// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <nlohmann/json.hpp>

#include "daemon/pipeline.hpp"

namespace tocsin {

// The "names" object of the status: docs/control-protocol.md.
nlohmann::json names_json(const Pipeline& pipeline, const PacketNamesCounters& packets);

}  // namespace tocsin
