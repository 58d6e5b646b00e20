// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "support/container.hpp"
#include "support/daemon.hpp"

namespace tocsin::test {

// tocsind in a container as packaging/kubernetes/daemonset.yaml has it: not root, the five
// capabilities from the program file, the host's processes, everything else its own, the host's
// root at /host. Made by runc from the programs built beside this test.
class ContainedDaemon {
 public:
  // The control group that it is in is below this one.
  static constexpr const char* kParentGroup = "/tocsin-test-pods";

  // Lines of the one indicator file; "section.key=value".
  ContainedDaemon(const std::vector<std::string>& indicators,
                  const std::vector<std::string>& settings);

  bool wait_ready(Millis limit = Millis(60'000));
  // The first alert on its standard output that fits, waiting for it.
  std::optional<nlohmann::json> wait_alert(const Daemon::Fits& fits, Millis limit = Millis(15'000));
  // Runs tocsin inside, as the daemon's user: what the probes do.
  Finished cli(const std::vector<std::string>& arguments) const;
  std::optional<int> stop(Millis limit = Millis(15'000));

  [[nodiscard]] std::string log() const { return child_->err(); }
  [[nodiscard]] const std::string& id() const { return bundle_.id(); }
  [[nodiscard]] Child& child() { return *child_; }

  // Why this machine cannot; empty when it can.
  static std::string refusal();

 private:
  void fill_root() const;
  void configure(const std::vector<std::string>& settings);

  TempDir dir_;
  RuncBundle bundle_;
  std::unique_ptr<Child> child_;
};

}  // namespace tocsin::test
