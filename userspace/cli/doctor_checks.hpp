// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/cgroup2_root.hpp"
#include "capture/hook_table.hpp"
#include "packages/package_database.hpp"

namespace tocsin::cli {

enum class Verdict : std::uint8_t { kOk, kWarn, kFail };
std::string_view to_string(Verdict verdict);  // "ok", "warn", "fail"

// One line of the doctor.
struct Check {
  std::string name;
  Verdict verdict = Verdict::kOk;
  std::string detail;  // what was found
  std::string lost;    // what does not work because of it; empty when ok
  std::string fix;     // what to do about it
};

// What the checks look at, so that the tests can give them another host. Texts are whole files,
// empty when the file cannot be read.
struct HostView {
  bool root = false;                // or with the rights to load programs
  std::string kernel_release;       // "6.1.0-56-amd64"
  bool btf = false;                 // /sys/kernel/btf/vmlinux is readable
  std::string own_status;           // /proc/self/status
  Cgroup2Root cgroup2;              // where the host's is
  std::string lsm;                  // /sys/kernel/security/lsm
  std::string unprivileged_bpf;     // /proc/sys/kernel/unprivileged_bpf_disabled
  std::string perf_paranoid;        // /proc/sys/kernel/perf_event_paranoid
  std::string monitor;              // the tocsind that watches this host; empty: none is seen
  bool answered = false;            // whether it is the one that this command talks to
  std::uint64_t memlock_bytes = 0;  // RLIMIT_MEMLOCK, UINT64_MAX: unlimited
  enum class Probe : std::uint8_t {
    kWorks,
    kMissing,
    kNotAllowed
  } ring_buffer = Probe::kNotAllowed;
};

HostView look_at_host();
// By the text of a /proc/PID/status: whether the capability is in the effective set.
bool has_capability(std::string_view status, unsigned capability);
// Where docs/ explains it: "docs/troubleshoot.md#hook-exec".
std::string place_in_docs(const Check& check);
// Everything but the hooks, in the order of the page.
std::vector<Check> host_checks(const HostView& host);
// One check for each package database, or one that says there is none.
std::vector<Check> package_checks(const PackageReading& reading);
// One check for each event, from what became of its hooks.
std::vector<Check> hook_checks(std::span<const HookStatus> hooks);
// What this kernel could do beside the alert, were it asked to: never a failure.
std::vector<Check> response_checks(std::span<const HookStatus> hooks);

}  // namespace tocsin::cli
