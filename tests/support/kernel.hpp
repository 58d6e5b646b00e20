// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/daemon.hpp"
#include "support/payload.hpp"
#include "support/test.hpp"

// What the tests under the running kernel share.
namespace tocsin::test {

// Why this machine can run none of these tests; absent when it can.
std::optional<std::string> kernel_refusal();
// Where cgroup2 is mounted; empty: nowhere.
std::filesystem::path cgroup2_mount();
// Prints "SKIPPED NAME: REASON", which ./check collects.
void print_skipped(std::string_view what, std::string_view why);

// Runs an action and parses its report. A machine that refuses the action gives no report and a
// SKIPPED line; any other failure fails the test.
std::optional<nlohmann::json> act(std::string_view name, std::vector<std::string> arguments);

// Exec alert for this process and content.
Daemon::Fits exec_alert(const nlohmann::json& report, const std::string& sha256);
// Fails the test with the daemon's words when it does not get ready.
void require_ready(Daemon& daemon);
// Readable failure messages: everything the daemon said.
std::string told(Daemon& daemon);

}  // namespace tocsin::test

// First line of each test case that needs the kernel.
#define TOCSIN_NEEDS_KERNEL()                                                                     \
  do {                                                                                            \
    if (const auto tocsin_why = ::tocsin::test::kernel_refusal()) {                               \
      ::tocsin::test::print_skipped(Catch::getResultCapture().getCurrentTestName(), *tocsin_why); \
      return;                                                                                     \
    }                                                                                             \
  } while (false)
