// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstddef>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.hpp"
#include "extract/extract.hpp"
#include "extract/suffixes.hpp"

namespace tocsin {

// Brings together what a document says about each value, and asks what only the whole document can
// answer.
class Collector {
 public:
  explicit Collector(const PublicSuffixes& suffixes) : suffixes_(suffixes) {}

  void add(Candidate&& candidate);
  // The most there may be was reached; what came later is not held.
  [[nodiscard]] bool full() const { return full_; }
  // Candidates in the order of first appearance, with counts; the collector is spent.
  Extraction finish();

 private:
  void hold_live_hosts();
  void hold_cut_neighbours();

  const PublicSuffixes& suffixes_;
  std::vector<Candidate> candidates_;
  std::unordered_map<std::string, std::size_t> by_value_;
  std::unordered_map<std::string, bool> live_hosts_;  // registrable names of followed links
  std::vector<std::string> links_;
  bool full_ = false;
};

}  // namespace tocsin
