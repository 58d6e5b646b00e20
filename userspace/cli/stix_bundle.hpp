// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "base/clock.hpp"

namespace tocsin::cli {

// Writes a STIX 2.1 bundle piece by piece: memory does not depend on the number of indicators.
// Identifiers are name-based, so that the same indicator of the same set keeps its own. Rows are
// the items of "export" (docs/control-protocol.md).
class StixBundle {
 public:
  using Write = std::function<void(std::string_view)>;
  // exported_ns stands in for the date of rows that do not say when they were added.
  StixBundle(WallNs exported_ns, Write write);
  void add(const nlohmann::json& row);
  void finish();

 private:
  void object(const nlohmann::json& object);
  std::string campaign_id(const std::string& name);
  std::string marking_id(const std::string& tlp);

  WallNs exported_ns_;
  Write write_;
  std::string seed_;               // of the bundle's own identifier
  std::set<std::string> written_;  // campaigns and markings
  std::string value_;
  std::set<std::string> ids_of_value_;
  bool first_ = true;
};

// The pattern that matches this value, in the STIX pattern language.
std::string stix_pattern(std::string_view type, const std::string& value);

}  // namespace tocsin::cli
