// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace tocsin {

// The status object (docs/control-protocol.md) as a page of Prometheus metrics. What the status
// does not hold, because a part is switched off, has no sample. Labels are words of tocsin's own
// and names of sets and sinks; never a host name, a path or a domain seen on this host.
std::string metrics_text(const nlohmann::json& status);

}  // namespace tocsin
