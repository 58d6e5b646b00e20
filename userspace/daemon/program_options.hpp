// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "daemon/config.hpp"

namespace tocsin {

// The options that tocsind and tocsin-relay share: --config, -o, --socket and --version.
class ProgramOptions {
 public:
  // name: as --version and the log show it. Must live until app has parsed.
  ProgramOptions(CLI::App& app, std::string name);
  // After parsing: logs to stderr from here on, and says where the configuration comes from.
  [[nodiscard]] ConfigOptions apply() const;

 private:
  std::string name_, file_, socket_;
  std::vector<std::string> overrides_;
};

}  // namespace tocsin
