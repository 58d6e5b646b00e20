// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "base/result.hpp"

namespace tocsin::intake {

struct BroughtSet {
  std::string name;
  std::string_view native;  // the whole text
  bool may_shrink = false;  // false: one of less than half the values is held: kLimit
};

// Hands a set to tocsind as a feed of that name, on a connection of its own; what it changed
// (docs/control-protocol.md, `import`). Blocks for as long as the daemon reads and compiles.
Result<nlohmann::json> bring_set(const std::string& socket, const BroughtSet& set);

}  // namespace tocsin::intake
