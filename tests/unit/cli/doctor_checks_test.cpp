// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "cli/doctor_checks.hpp"

#include <algorithm>

#include "support/test.hpp"

using namespace tocsin;
using namespace tocsin::cli;

namespace {

// A Debian 12 host where root asks: nothing to complain about.
HostView good_host() {
  HostView host;
  host.root = true;
  host.kernel_release = "6.1.0-56-amd64";
  host.btf = true;
  host.own_status = "Name:\ttocsin\nCapEff:\t000001ffffffffff\nCapBnd:\t000001ffffffffff\n";
  host.cgroup2 = {.path = "/sys/fs/cgroup", .depth = 0, .partial = false};
  host.lsm = "lockdown,capability,landlock,yama,apparmor,tomoyo,bpf";
  host.unprivileged_bpf = "2\n";
  host.perf_paranoid = "3\n";
  host.memlock_bytes = 65'536;
  host.ring_buffer = HostView::Probe::kWorks;
  return host;
}

Check check_named(const HostView& host, std::string_view name) {
  const auto checks = host_checks(host);
  const auto it = std::ranges::find(checks, name, &Check::name);
  REQUIRE(it != checks.end());
  return *it;
}

// What is not well says what is lost or what to do.
void check_says_what_to_do(const Check& check) {
  INFO(check.name << ": " << check.detail);
  if (check.verdict != Verdict::kOk) CHECK_FALSE(check.fix.empty());
  if (check.verdict == Verdict::kFail) CHECK_FALSE(check.lost.empty());
}

}  // namespace

TEST_CASE("a good host passes every check", "[cli]") {
  for (const auto& check : host_checks(good_host())) {
    INFO(check.name << ": " << check.detail);
    CHECK(check.verdict == Verdict::kOk);
    CHECK(check.fix.empty());
  }
}

TEST_CASE("what a host lacks fails by name, with a way out", "[cli]") {
  const auto verdict = [](auto change, std::string_view name) {
    auto host = good_host();
    change(host);
    const auto check = check_named(host, name);
    check_says_what_to_do(check);
    return check.verdict;
  };
  CHECK(verdict([](HostView& h) { h.kernel_release = "5.4.0"; }, "kernel") == Verdict::kFail);
  CHECK(verdict([](HostView& h) { h.kernel_release = "5.10.0"; }, "kernel") == Verdict::kOk);
  CHECK(verdict([](HostView& h) { h.btf = false; }, "btf") == Verdict::kFail);
  CHECK(verdict([](HostView& h) { h.cgroup2 = {}; }, "cgroup2") == Verdict::kFail);
  CHECK(verdict([](HostView& h) { h.lsm = "lockdown,bpfx"; }, "lsm") == Verdict::kWarn);
  CHECK(verdict([](HostView& h) { h.lsm = ""; }, "lsm") == Verdict::kWarn);
  CHECK(verdict([](HostView& h) { h.unprivileged_bpf = "0\n"; }, "sysctl") == Verdict::kWarn);
  CHECK(verdict([](HostView& h) { h.ring_buffer = HostView::Probe::kMissing; }, "ring buffer") ==
        Verdict::kFail);
}

TEST_CASE("below the floor the doctor refuses, and says why", "[cli]") {
  auto host = good_host();
  host.kernel_release = "5.7.19";
  auto check = check_named(host, "kernel");
  CHECK(check.verdict == Verdict::kFail);
  CHECK(check.detail == "5.7.19; refused: the oldest that works is 5.10");
  CHECK(check.lost ==
        "everything: this kernel has no BPF ring buffer, so events cannot be delivered");
  check_says_what_to_do(check);
  host.kernel_release = "5.9.16";
  check = check_named(host, "kernel");
  CHECK(check.verdict == Verdict::kFail);
  CHECK(check.lost == "everything that was never tried on it");
}

TEST_CASE("old kernels charge the locked memory: unlimited, raised, or not enough", "[cli]") {
  auto host = good_host();
  host.kernel_release = "5.10.0";
  CHECK(check_named(host, "memlock").verdict == Verdict::kOk);  // root may raise it
  host.own_status = "CapEff:\t000000c000081006\nCapBnd:\t000000c000081006\n";
  const auto refused = check_named(host, "memlock");
  CHECK(refused.verdict == Verdict::kFail);
  check_says_what_to_do(refused);
  host.memlock_bytes = UINT64_MAX;
  CHECK(check_named(host, "memlock").verdict == Verdict::kOk);
}

TEST_CASE("capabilities: held, not held, and not to be had", "[cli]") {
  auto host = good_host();
  host.root = false;
  host.own_status = "CapEff:\t0000000000000000\nCapBnd:\t000001ffffffffff\n";
  for (const auto* name :
       {"CAP_BPF", "CAP_PERFMON", "CAP_NET_ADMIN", "CAP_SYS_PTRACE", "CAP_DAC_READ_SEARCH"}) {
    const auto check = check_named(host, name);
    CHECK(check.verdict == Verdict::kWarn);
    CHECK(check.fix == "sudo tocsin doctor");
  }
  // A container's usual set: 14 capabilities, none of ours.
  host.own_status = "CapEff:\t00000000a80425fb\nCapBnd:\t00000000a80425fb\n";
  CHECK(check_named(host, "CAP_BPF").verdict == Verdict::kFail);
  CHECK(check_named(host, "CAP_NET_ADMIN").verdict == Verdict::kFail);
  CHECK(check_named(host, "CAP_SYS_PTRACE").verdict == Verdict::kWarn);
  // Kernels before the split: CAP_SYS_ADMIN (21) is enough for two of them.
  host.own_status = "CapEff:\t0000000000200000\nCapBnd:\t0000000000200000\n";
  CHECK(check_named(host, "CAP_BPF").verdict == Verdict::kOk);
  CHECK(check_named(host, "CAP_PERFMON").verdict == Verdict::kOk);
  CHECK(check_named(host, "CAP_NET_ADMIN").verdict == Verdict::kFail);
}

TEST_CASE("hooks: in use, second best and missing", "[cli]") {
  std::vector<HookStatus> hooks(3);
  hooks[0].event = "exec";
  hooks[0].state = HookState::kPrimary;
  hooks[0].hook = "tp_btf/sched_process_exec";
  hooks[1].event = "fork";
  hooks[1].state = HookState::kFallback;
  hooks[1].hook = "raw_tp/sched_process_fork";
  hooks[1].lost = "something";
  hooks[1].refused = {{"tp_btf/sched_process_fork", "Operation not permitted"}};
  hooks[2].event = "connect";
  hooks[2].state = HookState::kMissing;
  hooks[2].lost = "no connection is seen";
  const auto checks = hook_checks(hooks);
  REQUIRE(checks.size() == 3);
  CHECK(checks[0].verdict == Verdict::kOk);
  CHECK(checks[1].verdict == Verdict::kWarn);
  CHECK(checks[1].detail.find("Operation not permitted") != std::string::npos);
  CHECK(checks[1].lost == "something");
  CHECK(checks[2].verdict == Verdict::kFail);
  check_says_what_to_do(checks[2]);
}

TEST_CASE("this host can be looked at", "[cli]") {
  const auto host = look_at_host();
  CHECK_FALSE(host.kernel_release.empty());
  CHECK(host.own_status.find("CapEff:") != std::string::npos);
  CHECK(host_checks(host).size() >= 12);
}
