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
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string_view>
#include <vector>

#include "base/namespaces.hpp"
#include "base/text.hpp"

namespace tocsin {
namespace {

constexpr std::string_view kProgram = "tocsind";
constexpr std::size_t kGroupShownBytes = 200;  // of a control group's path
constexpr std::size_t kNameShownBytes = 32;

// Pids that hold a flock on the inode, from /proc/locks: "1: FLOCK  ADVISORY  WRITE 812 00:1b:1 0
// EOF". Waiters have an arrow before FLOCK. A holder is named by who took the lock, also after that
// process is gone and left the open directory to another (outside the first pid namespace: no
// line).
std::vector<int> flock_holders(std::uint64_t inode) {
  std::vector<int> out;
  std::ifstream in("/proc/locks");
  const auto suffix = fmt::format(":{}", inode);
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    std::string number, kind, advisory, mode, where, from, to;
    int pid = 0;
    words >> number >> kind >> advisory >> mode >> pid >> where >> from >> to;
    if (kind == "FLOCK" && pid > 0 && where.ends_with(suffix)) out.push_back(pid);
  }
  return out;
}

bool has_cap_bpf(int pid) {
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

// Its own name for itself, which says nothing about what it is.
std::string comm_of(int pid) {
  std::ifstream in(fmt::format("/proc/{}/comm", pid));
  std::string comm;
  std::getline(in, comm);
  return comm;
}

// The name of the file that it runs, also when that was replaced since; empty: not for this user.
std::string program_of(int pid) {
  constexpr std::string_view kDeleted = " (deleted)";
  std::error_code fault;
  auto name =
      std::filesystem::read_symlink(fmt::format("/proc/{}/exe", pid), fault).filename().string();
  if (name.ends_with(kDeleted)) name.resize(name.size() - kDeleted.size());
  return name;
}

// /proc tells capabilities relative to the process's own user namespace, in which anybody may have
// all of them: there they mean nothing.
bool shares_user_namespace(int pid) {
  struct stat own {
  }, other{};
  return stat("/proc/self/ns/user", &own) == 0 &&
         stat(fmt::format("/proc/{}/ns/user", pid).c_str(), &other) == 0 &&
         own.st_dev == other.st_dev && own.st_ino == other.st_ino;
}

// What nobody can be without rights that no other user has. By its program, too: a set-uid program
// that waits for a password has all rights, and keeps the lock that its caller took.
bool is_monitor(int pid) {
  return has_cap_bpf(pid) && shares_user_namespace(pid) && program_of(pid) == kProgram;
}

// For those that may not look at other users' processes, as much as they can see of it.
bool seems_monitor(int pid) {
  if (!program_of(pid).empty()) return is_monitor(pid);
  return has_cap_bpf(pid) && comm_of(pid) == kProgram;
}

// Only here are all processes of the host visible.
bool in_first_pid_namespace() {
  constexpr std::uint32_t kFirst = 0xeffffffc;  // PROC_PID_INIT_INO
  return own_namespace("pid") == kFirst;
}

// Says which service or container it is.
std::string describe(int pid) {
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
    if (seems_monitor(pid)) return describe(pid);
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
    if (is_monitor(pid))
      return fail(ErrorCode::kBusy,
                  fmt::format("another tocsind is running on this host ({}); stop it first: "
                              "two monitors would report everything twice",
                              describe(pid)));
  if (holders.empty() && flock(fd.get(), LOCK_EX | LOCK_NB) == 0) return fd;  // it just ended
  if (holders.empty() && !in_first_pid_namespace())
    return fail(ErrorCode::kBusy,
                "another tocsind is running on this host, in a container whose processes are not "
                "visible from here; stop it first");
  *foreign_holder =
      holders.empty() || comm_of(holders.front()).empty()
          ? std::string("a process that is gone left tocsin's lock to another, which is no monitor")
          : fmt::format("{} ({}) holds tocsin's lock without being a monitor",
                        describe(holders.front()),
                        printable(comm_of(holders.front()), kNameShownBytes));
  *foreign_holder += ": going on without the lock, and no second monitor will notice this one";
  return fd;
}

}  // namespace tocsin
