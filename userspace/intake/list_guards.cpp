// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "intake/list_guards.hpp"

#include <string>

namespace tocsin::intake {
namespace {

GuardEffect effect_of(ListEffect effect) {
  switch (effect) {
    case ListEffect::kReject:
      return GuardEffect::kReject;
    case ListEffect::kHold:
      return GuardEffect::kHold;
    case ListEffect::kHoldHost:
      return GuardEffect::kHoldHost;
    case ListEffect::kReference:
      return GuardEffect::kReference;
    case ListEffect::kPopular:
      return GuardEffect::kPopular;
    case ListEffect::kAnnotate:
      return GuardEffect::kAnnotate;
  }
  return GuardEffect::kAnnotate;
}

}  // namespace

std::vector<GuardHit> ListGuards::hits(IndicatorType type, std::string_view canonical) const {
  std::vector<GuardHit> out;
  for (const auto& hit : lists_.hits(type, canonical))
    if (!hit.host)
      out.push_back(
          {hit.list->name, std::to_string(hit.list->version), effect_of(hit.list->effect)});
  return out;
}

}  // namespace tocsin::intake
