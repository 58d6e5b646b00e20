// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/instance_lock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/capability.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <charconv>
#include <cstdint>
#include <fstream>
#include <vector>

#include "base/text.hpp"

namespace tocsin {
namespace {

constexpr std::size_t kGroupShownBytes = 200;  // of a control group's path

// Pids that hold a flock on the inode, from /proc/locks: "1: FLOCK  ADVISORY  WRITE 812 00:1b:1 0
// EOF".
std::vector<int> flock_holders(std::uint64_t inode) {
  std::vector<int> out;
  std::ifstream in("/proc/locks");
  const auto suffix = fmt::format(":{} 0 EOF", inode);
  for (std::string line; std::getline(in, line);) {
    if (line.find(" FLOCK ") == std::string::npos || !line.ends_with(suffix)) continue;
    const auto write = line.find("WRITE ");
    int pid = 0;
    if (write != std::string::npos)
      std::from_chars(line.data() + write + 6, line.data() + line.size(), pid);
    if (pid > 0) out.push_back(pid);
  }
  return out;
}

bool may_load_bpf(int pid) {
  std::ifstream in(fmt::format("/proc/{}/status", pid));
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with("CapEff:")) continue;
    std::uint64_t mask = 0;
    const auto hex = line.find_first_not_of(" \t", 7);
    if (hex != std::string::npos)
      std::from_chars(line.data() + hex, line.data() + line.size(), mask, 16);
    return (mask >> CAP_BPF & 1) != 0;
  }
  return false;
}

// Says which service or container it is.
std::string describe_monitor(int pid) {
  std::ifstream in(fmt::format("/proc/{}/cgroup", pid));
  for (std::string line; std::getline(in, line);)
    if (line.starts_with("0::") && line.size() > 4)
      return fmt::format("pid {}, control group {}", pid,
                         printable(line.substr(3), kGroupShownBytes));
  return fmt::format("pid {}", pid);
}

}  // namespace

std::optional<std::string> find_monitor(const std::string& cgroup2_mount) {
  struct stat st {};
  if (cgroup2_mount.empty() || stat(cgroup2_mount.c_str(), &st) != 0) return std::nullopt;
  for (const int pid : flock_holders(st.st_ino))
    if (may_load_bpf(pid)) return describe_monitor(pid);
  return std::nullopt;
}

Result<Fd> take_instance_lock(const std::string& cgroup2_mount, const std::string& fallback_folder,
                              std::string* foreign_holder) {
  Fd fd;
  if (!cgroup2_mount.empty()) {
    fd.reset(open(cgroup2_mount.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  } else {
    const auto path = fallback_folder + "/tocsind.lock";
    fd.reset(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  }
  if (!fd) return fail_errno("opening the lock of the host's monitor", errno);
  if (flock(fd.get(), LOCK_EX | LOCK_NB) == 0) return fd;
  if (errno != EWOULDBLOCK) return fail_errno("locking", errno);

  struct stat st {};
  fstat(fd.get(), &st);
  const auto holders = flock_holders(st.st_ino);
  for (const int pid : holders)
    if (may_load_bpf(pid))
      return fail(ErrorCode::kBusy,
                  fmt::format("another tocsind is running on this host ({}); stop it first: "
                              "two monitors would report everything twice",
                              describe_monitor(pid)));
  if (holders.empty())
    return fail(ErrorCode::kBusy,
                "another tocsind is running on this host, in a container whose processes are not "
                "visible from here; stop it first");
  *foreign_holder =
      fmt::format("process {} holds tocsin's lock without being a monitor", holders.front());
  return fd;
}

}  // namespace tocsin
