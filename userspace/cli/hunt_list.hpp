// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "base/result.hpp"
#include "cli/output.hpp"
#include "history/hunt_value.hpp"

namespace tocsin::cli {

// What is looked for, as it stands on a command line.
struct HuntListOptions {
  std::vector<std::string> values, files;
  std::string set, since;
  bool review = false;

  void declare(CLI::App& app);
  [[nodiscard]] bool empty() const { return values.empty() && files.empty() && set.empty(); }
};

// The values of a hunt, each once. One thread.
class HuntList {
 public:
  explicit HuntList(Output& out) : out_(out) {}

  // The values and the documents; a set is for who knows where its rows are. kInvalidInput names
  // what cannot be looked for.
  Result<void> add(const HuntListOptions& options);
  void add(HuntValue value);

  [[nodiscard]] const std::vector<HuntValue>& values() const { return values_; }
  std::vector<HuntValue> take() { return std::move(values_); }

 private:
  // A document as it was published: what is held back for a person is shown, and looked for only
  // when it is asked for.
  Result<void> add_document(const std::string& path, bool review);

  Output& out_;
  std::vector<HuntValue> values_;
  std::set<std::pair<IndicatorType, std::string>> known_;
};

}  // namespace tocsin::cli
