// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "control/backend.hpp"
#include "indicators/guard.hpp"
#include "indicators/index.hpp"
#include "indicators/set_folder.hpp"

// Indicators on the control socket; shapes: docs/control-protocol.md.
namespace tocsin {

nlohmann::json outcome_json(const ImportOutcome& outcome);

// A row with its set's facts: type, value, set, campaign, source, place, …
nlohmann::json row_json(const SetMeta& meta, const IndicatorRow& row);

// Rows of the set (empty: all) of this very index, made as the client takes them.
control::ItemSource row_items(std::shared_ptr<const Index> index, std::string set);

// Rows that are held back, read from the files as the client takes them.
control::ItemSource review_items(std::vector<std::filesystem::path> files, const Guard& guard);

// {"domains":[…]} with at most kDomainsPerItem names: those of domain rows that are live.
inline constexpr std::size_t kDomainsPerItem = 500;
control::ItemSource domain_items(std::shared_ptr<const Index> index,
                                 std::vector<std::string> exclude, WallNs at);

}  // namespace tocsin
