// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// Where the kernel hashes a file as it is executed (BPF LSM and IMA), nothing is too short for it.
#include <algorithm>

#include "support/kernel.hpp"

using namespace tocsin::test;
using nlohmann::json;

namespace {

bool kernel_hashes(Daemon& daemon) {
  const json hooks = daemon.status().at("hooks");
  return std::any_of(hooks.begin(), hooks.end(), [](const json& hook) {
    return hook.at("hook") == "lsm.s/bprm_committed_creds" && hook.at("state") == "attached";
  });
}

}  // namespace

TEST_CASE("content that is gone at once is hashed where the kernel does it", "[exec][vm]") {
  TOCSIN_NEEDS_KERNEL();
  const TempDir dir;
  const Payload memory = make_payload(dir / "memory"), unlinked = make_payload(dir / "unlinked"),
                fresh = make_payload(dir / "fresh");
  Daemon daemon({.indicators = indicator_file(
                     {memory.indicator(), unlinked.indicator(), fresh.indicator()})});
  require_ready(daemon);
  if (!kernel_hashes(daemon))
    return print_skipped("digests by the kernel", "no BPF LSM, or no IMA, in this kernel");
  // Each ends as soon as it runs.
  const auto in_memory = act("exec_memfd", {memory.path, "0"});
  const auto without_name = act("exec_unlinked", {"before", unlinked.path, "0"});
  const auto on_disk = act("exec_as", {"0", "0", fresh.path, "0"});
  REQUIRE((in_memory && without_name && on_disk));
  const auto check = [&](const json& report, const Payload& payload) {
    const auto alert = daemon.wait_alert(exec_alert(report, payload.sha256));
    INFO(report.dump() << "\n" << told(daemon));
    REQUIRE(alert);
    CHECK(at(*alert, "tocsin.hash.rung") == "ima");
  };
  check(*in_memory, memory);
  check(*without_name, unlinked);
  check(*on_disk, fresh);
  CHECK(daemon.status().at("hash").at("missed") == 0);
  CHECK(daemon.stop() == 0);
}
