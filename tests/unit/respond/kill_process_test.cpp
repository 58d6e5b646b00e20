// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "respond/kill_process.hpp"

#include <unistd.h>

#include <fstream>
#include <sstream>

#include "support/child.hpp"
#include "support/test.hpp"

namespace tocsin {
namespace {

using test::Child;
using test::Millis;

// Start of a process as the kernel events tell it, to the tick.
BootNs start_of(pid_t pid) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/stat");
  std::string text, field;
  std::getline(in, text);
  std::istringstream fields(text.substr(text.rfind(')') + 2));
  for (int i = 3; i <= 22; ++i) fields >> field;
  const auto tick = 1'000'000'000ULL / static_cast<BootNs>(sysconf(_SC_CLK_TCK));
  return std::stoull(field) * tick + tick / 2;
}

TEST_CASE("the process is killed, and only the one that is meant", "[respond]") {
  Child victim({.argv = {"sleep", "30"}});
  const ProcessId id{static_cast<std::uint32_t>(victim.pid()), start_of(victim.pid())};
  // Another process had this id before.
  auto earlier = id;
  earlier.start_ns -= 60ULL * 1'000'000'000;
  const auto spared = kill_process(earlier);
  REQUIRE_FALSE(spared);
  CHECK(spared.error().code == ErrorCode::kNotFound);
  CHECK(victim.running());
  CHECK(kill_process(id));
  CHECK(victim.wait(Millis(5'000)) == 128 + 9);
  const auto again = kill_process(id);
  REQUIRE_FALSE(again);
  CHECK(again.error().code == ErrorCode::kNotFound);
}

TEST_CASE("the first process and this one are never killed", "[respond]") {
  for (const std::uint32_t pid : {0U, 1U, static_cast<std::uint32_t>(::getpid())}) {
    const auto refused = kill_process({pid, pid == 0 ? 0 : start_of(static_cast<pid_t>(pid))});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::kPermission);
  }
}

}  // namespace
}  // namespace tocsin
