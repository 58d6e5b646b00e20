// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <nlohmann/json.hpp>

#include "history/hunt.hpp"

// Answers of a hunt as docs/control-protocol.md shows them.
namespace tocsin {

nlohmann::json to_json(const Coverage& coverage);

// At most kHuntAnswerBytesMax of sightings; what is left out is counted in the answer.
Result<nlohmann::json> to_json(HistoryReader& reader, const HuntReport& report);

// What the first and the last sighting of a row say about a process: {"time","pid","start","who"}.
nlohmann::json sighting_json(HistoryReader& reader, const SightingRow& row);

// Adds the answer about more values of the same question to one before it, which may be null.
void merge_hunts(nlohmann::json& into, nlohmann::json more);

}  // namespace tocsin
