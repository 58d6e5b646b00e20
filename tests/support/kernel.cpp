// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "support/kernel.hpp"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <iostream>

namespace tocsin::test {
namespace {

constexpr int kActionRefused = 77;

// A one-element map is the least that BPF can be asked for.
bool bpf_permitted() {
  bpf_attr attr;
  std::memset(&attr, 0, sizeof attr);
  attr.map_type = BPF_MAP_TYPE_ARRAY;
  attr.key_size = 4;
  attr.value_size = 8;
  attr.max_entries = 1;
  const Fd map(static_cast<int>(::syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof attr)));
  return static_cast<bool>(map);
}

// A monitor holds an exclusive lock on the root of cgroup2 while it runs.
bool other_monitor_runs() {
  const Fd root(::open(cgroup2_mount().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return root && ::flock(root.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
}

std::optional<std::string> find_refusal() {
  if (::geteuid() != 0) return "not root";
  if (!bpf_permitted()) return std::string("bpf(2) is refused: ") + std::strerror(errno);
  if (::access("/sys/kernel/btf/vmlinux", R_OK) != 0) return "the kernel has no BTF";
  if (other_monitor_runs()) return "another tocsind is running on this host: stop it first";
  return std::nullopt;
}

}  // namespace

std::filesystem::path cgroup2_mount() {
  std::ifstream mounts("/proc/self/mounts");
  std::string device, folder, type, rest;
  while (mounts >> device >> folder >> type && std::getline(mounts, rest))
    if (type == "cgroup2") return folder;
  return {};
}

std::optional<std::string> kernel_refusal() {
  static const std::optional<std::string> refusal = [] {
    auto why = find_refusal();
    if (why) print_skipped("every kernel test", *why);
    return why;
  }();
  return refusal;
}

void print_skipped(std::string_view what, std::string_view why) {
  std::cout << "SKIPPED " << what << ": " << why << std::endl;
}

std::optional<nlohmann::json> act(std::string_view name, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), action_path(name));
  const Finished done = run_program(arguments);
  if (done.exit_code == kActionRefused) {
    print_skipped(name, done.err);
    return std::nullopt;
  }
  INFO(name << ": " << done.err);
  REQUIRE(done.exit_code == 0);
  return nlohmann::json::parse(done.out);
}

Daemon::Fits exec_alert(const nlohmann::json& report, const std::string& sha256) {
  return [pid = report.at("pid"), sha256](const nlohmann::json& alert) {
    return at(alert, "event.action") == "exec" && at(alert, "process.pid") == pid &&
           (at(alert, "process.hash.sha256") == sha256 ||
            at(alert, "tocsin.script.sha256") == sha256);
  };
}

void require_ready(Daemon& daemon) {
  const bool ready = daemon.wait_ready();
  INFO(daemon.log());
  REQUIRE(ready);
}

std::string told(Daemon& daemon) {
  std::string text = "daemon's log:\n" + daemon.log() + "alerts:\n";
  for (const auto& alert : daemon.alerts()) text += alert.dump() + "\n";
  return text;
}

}  // namespace tocsin::test
