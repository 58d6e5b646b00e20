// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace tocsin::cli {

// Keeps a bounded number of alerts, added oldest first: what is loud stays before what is late.
class LoudestAlerts {
 public:
  struct Alerts {
    std::vector<nlohmann::json> kept;               // oldest first
    std::map<std::string, std::uint64_t> left_out;  // severity as the alerts name it -> how many
  };

  explicit LoudestAlerts(std::size_t most) : most_(most) {}
  void add(nlohmann::json alert);
  Alerts take();

 private:
  struct Numbered {
    std::uint64_t number;
    nlohmann::json alert;
  };
  std::size_t most_, size_ = 0;
  std::uint64_t number_ = 0;
  std::map<int, std::deque<Numbered>> by_loudness_;  // least loud first; size_ in all
  std::map<std::string, std::uint64_t> left_out_;
};

}  // namespace tocsin::cli
