// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include "alert/alert.hpp"
#include "alert/host_facts.hpp"
#include "base/json_writer.hpp"

// The larger members of a Detection Finding, for alert/render_ocsf.cpp alone.
namespace tocsin::ocsf {

// OCSF's timestamp_t: milliseconds since 1970.
inline std::int64_t milliseconds(WallNs time) {
  return time / 1'000'000;
}

// evidences: the process, its file, container and destination; nothing for an alert about tocsin.
void write_evidences(JsonWriter& w, const Alert& alert, const HostFacts& host);
// osint: one entry for each indicator that matched.
void write_osint(JsonWriter& w, const Alert& alert);

}  // namespace tocsin::ocsf
