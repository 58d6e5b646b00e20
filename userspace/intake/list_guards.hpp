// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <string_view>
#include <vector>

#include "extract/review_guard.hpp"
#include "indicators/warninglists.hpp"

namespace tocsin::intake {

// The host's guard lists as the extraction engine asks them. The engine asks for the host of a URL
// by itself, so that a hit on it is not told twice.
class ListGuards final : public ReviewGuards {
 public:
  explicit ListGuards(const Warninglists& lists) : lists_(lists) {}
  [[nodiscard]] std::vector<GuardHit> hits(IndicatorType type,
                                           std::string_view canonical) const override;

 private:
  const Warninglists& lists_;
};

}  // namespace tocsin::intake
