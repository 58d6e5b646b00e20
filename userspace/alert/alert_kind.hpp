// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <span>
#include <string_view>

#include "alert/alert.hpp"

namespace tocsin {

// What is fixed for each kind of alert: the words other programs filter by. They do not change.
struct AlertKindFacts {
  AlertKind kind;
  std::string_view code;           // "exec-hash": event.code, part of rule.id and of journal fields
  std::string_view action;         // event.action
  std::string_view rule_name;      // a title for people
  std::string_view rule_category;  // "indicator", "behaviour" or "health"
  // Only pairs that ECS 8.17 allows: each type is an expected type of one of the categories.
  std::span<const std::string_view> categories, types;
};

const AlertKindFacts& facts_of(AlertKind kind);
std::span<const AlertKindFacts> all_alert_kinds();

}  // namespace tocsin
