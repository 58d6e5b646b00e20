// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "indicators/indicator_row.hpp"

// The obvious matcher: looks at every row, one bit or one label at a time. What it says is right
// by reading it; the index must say the same.
namespace tocsin::oracle {

class NaiveMatcher {
 public:
  void add(const SetMeta& meta, const IndicatorRow& row) { rows_.push_back({meta, row}); }

  // "set:line" of every row that matches, sorted.
  [[nodiscard]] std::vector<std::string> find_digest(IndicatorType type,
                                                     std::span<const std::uint8_t> digest,
                                                     WallNs at) const;
  [[nodiscard]] std::vector<std::string> find_address(const IpAddress& address, WallNs at) const;
  [[nodiscard]] std::vector<std::string> find_domain(std::string_view name, WallNs at) const;

 private:
  struct Entry {
    SetMeta meta;
    IndicatorRow row;
  };
  template <typename Matches>
  [[nodiscard]] std::vector<std::string> scan(WallNs at, Matches matches) const;
  std::vector<Entry> rows_;
};

}  // namespace tocsin::oracle
