// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "process/procfs_scan.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <filesystem>
#include <string_view>

#include "base/fd.hpp"
#include "base/text.hpp"
#include "process/start_tick.hpp"

namespace tocsin {
namespace {

constexpr std::size_t kCmdlineBytesMax = 16 * 1024;

std::string read_at(int dir, const char* name, std::size_t max_bytes) {
  const Fd fd(openat(dir, name, O_RDONLY | O_CLOEXEC));
  std::string out;
  if (!fd) return out;
  std::array<char, 4096> buffer;
  while (out.size() < max_bytes) {
    const auto n = read(fd.get(), buffer.data(), std::min(buffer.size(), max_bytes - out.size()));
    if (n <= 0) break;
    out.append(buffer.data(), static_cast<std::size_t>(n));
  }
  return out;
}

std::string link_at(int dir, const char* name) {
  std::array<char, 4096> buffer;
  const auto n = readlinkat(dir, name, buffer.data(), buffer.size());
  return n > 0 ? std::string(buffer.data(), static_cast<std::size_t>(n)) : std::string();
}

std::optional<std::uint32_t> read_id(int dir, const char* name) {
  const auto value = parse_u64(trim(read_at(dir, name, 32)));
  if (!value || *value == UINT32_MAX) return std::nullopt;
  return static_cast<std::uint32_t>(*value);
}

std::uint32_t ns_inode(int dir, const char* name) {
  struct stat st {};
  return fstatat(dir, name, &st, 0) == 0 ? static_cast<std::uint32_t>(st.st_ino) : 0;
}

// The fields of /proc/PID/stat behind the command, which may hold blanks and brackets itself.
struct StatFields {
  std::uint32_t parent_pid = 0;
  std::uint64_t start_ticks = 0;
  std::int64_t tty = 0;
  std::string comm;
};

std::optional<StatFields> parse_stat(std::string_view text) {
  const auto open = text.find('(');
  const auto close = text.rfind(')');
  if (open == std::string_view::npos || close == std::string_view::npos || close + 2 > text.size())
    return std::nullopt;
  StatFields out;
  out.comm = text.substr(open + 1, close - open - 1);
  auto rest = text.substr(close + 2);
  for (int field = 3; field <= 22 && !rest.empty(); ++field) {
    const auto end = rest.find(' ');
    const auto word = rest.substr(0, end);
    if (field == 4) out.parent_pid = static_cast<std::uint32_t>(parse_u64(word).value_or(0));
    if (field == 7) std::from_chars(word.data(), word.data() + word.size(), out.tty);
    if (field == 22) out.start_ticks = parse_u64(word).value_or(0);
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
  if (out.start_ticks == 0 && out.parent_pid != 0) return std::nullopt;
  return out;
}

// "Uid:\t1000\t0\t…" -> real and effective.
void parse_ids(std::string_view status, std::string_view key, std::optional<std::uint32_t>& real,
               std::optional<std::uint32_t>& effective) {
  const auto at = status.find(key);
  if (at == std::string_view::npos) return;
  auto rest = status.substr(at + key.size());
  const auto word = [&rest] {
    rest = trim(rest);
    const auto end = rest.find_first_of(" \t\n");
    const auto w = rest.substr(0, end);
    rest.remove_prefix(w.size());
    return parse_u64(w);
  };
  if (const auto v = word()) real = static_cast<std::uint32_t>(*v);
  if (const auto v = word()) effective = static_cast<std::uint32_t>(*v);
}

std::string tty_name(std::int64_t device) {
  if (device == 0) return {};
  const auto maj = major(static_cast<dev_t>(device));
  const auto min = minor(static_cast<dev_t>(device));
  if (maj >= 136 && maj <= 143) return fmt::format("pts{}", (maj - 136) * 256 + min);
  if (maj == 4) return min < 64 ? fmt::format("tty{}", min) : fmt::format("ttyS{}", min - 64);
  return fmt::format("tty{}:{}", maj, min);
}

// As the kernel events tell it, so that the hash service can verify it the same way.
FileIdentity identity_of_exe(int dir) {
  struct stat st {};
  struct statfs fs {};
  const Fd exe(openat(dir, "exe", O_PATH | O_CLOEXEC));
  if (!exe || fstat(exe.get(), &st) != 0) return {};
  FileIdentity out;
  out.dev = static_cast<std::uint32_t>(major(st.st_dev) << 20 | (minor(st.st_dev) & 0xfffff));
  out.ino = st.st_ino;
  out.size = static_cast<std::uint64_t>(st.st_size);
  out.ctime_ns = st.st_ctim.tv_sec * kNsPerSecond + st.st_ctim.tv_nsec;
  out.mtime_ns = st.st_mtim.tv_sec * kNsPerSecond + st.st_mtim.tv_nsec;
  out.nlink = static_cast<std::uint32_t>(st.st_nlink);
  out.mode = st.st_mode;
  out.owner_uid = st.st_uid;
  if (fstatfs(exe.get(), &fs) == 0) out.fs_magic = static_cast<std::uint64_t>(fs.f_type);
  return out;
}

std::uint64_t cgroup_of(int dir, const CgroupTable& cgroups) {
  const auto text = read_at(dir, "cgroup", 8192);
  const auto at = text.starts_with("0::") ? 0 : text.find("\n0::");
  if (at == std::string::npos) return 0;
  const auto start = text.find("0::", at) + 3;
  return cgroups.id_of(text.substr(start, text.find('\n', start) - start));
}

void fill_paths(int dir, ExecEvent& out) {
  static constexpr std::string_view kDeleted = " (deleted)";
  out.path = link_at(dir, "exe");
  if (out.path.ends_with(kDeleted)) {
    out.path.resize(out.path.size() - kDeleted.size());
    out.unlinked = true;
  }
  out.memfd = out.path.starts_with("/memfd:");
  out.cwd = link_at(dir, "cwd");
  auto args = read_at(dir, "cmdline", kCmdlineBytesMax);
  out.argv_cut = args.size() == kCmdlineBytesMax;
  if (!args.empty() && args.back() == '\0') args.pop_back();
  for (std::size_t at = 0; !args.empty() && at <= args.size();) {
    const auto end = std::min(args.find('\0', at), args.size());
    out.argv.push_back(args.substr(at, end - at));
    at = end + 1;
  }
}

void fill_root(int dir, ExecEvent& out) {
  struct stat st {};
  out.root.mnt_ns = ns_inode(dir, "ns/mnt");
  out.root.mnt_ns_id = out.root.mnt_ns;
  if (fstatat(dir, "root", &st, 0) == 0) {
    out.root.root_ino = st.st_ino;
    out.root.root_dev =
        static_cast<std::uint32_t>(major(st.st_dev) << 20 | (minor(st.st_dev) & 0xfffff));
  }
  out.pid_ns = ns_inode(dir, "ns/pid");
  out.net_ns = ns_inode(dir, "ns/net");
}

}  // namespace

std::optional<ProcessTable::Snapshot> read_procfs(std::uint32_t pid, const CgroupTable& cgroups,
                                                  WallNs boot_epoch_ns) {
  const Fd dir(open(fmt::format("/proc/{}", pid).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!dir) return std::nullopt;
  const auto stat = parse_stat(read_at(dir.get(), "stat", 4096));
  if (!stat) return std::nullopt;

  ProcessTable::Snapshot out;
  out.id = {pid, stat->start_ticks * kStartTickNs};
  out.parent_pid = stat->parent_pid;
  out.cgroup_id = cgroup_of(dir.get(), cgroups);
  auto& exec = out.exec;
  exec.head.process = out.id;
  exec.head.cgroup_id = out.cgroup_id;
  exec.head.time_ns = boot_epoch_ns + static_cast<WallNs>(out.id.start_ns);
  exec.comm = stat->comm;
  exec.tty = tty_name(stat->tty);
  const auto status = read_at(dir.get(), "status", 8192);
  parse_ids(status, "\nUid:", exec.uid, exec.euid);
  parse_ids(status, "\nGid:", exec.gid, exec.egid);
  exec.login_uid = read_id(dir.get(), "loginuid");
  exec.session_id = read_id(dir.get(), "sessionid");
  fill_paths(dir.get(), exec);
  fill_root(dir.get(), exec);
  exec.file = identity_of_exe(dir.get());
  return out;
}

bool is_running(ProcessId process) {
  const Fd dir(
      open(fmt::format("/proc/{}", process.pid).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!dir) return false;
  const auto stat = parse_stat(read_at(dir.get(), "stat", 4096));
  return stat && stat->start_ticks == start_tick(process);
}

std::vector<ProcessTable::Snapshot> scan_procfs(const CgroupTable& cgroups, WallNs boot_epoch_ns) {
  std::vector<ProcessTable::Snapshot> out;
  std::error_code ec;
  for (std::filesystem::directory_iterator it("/proc", ec), end; !ec && it != end;
       it.increment(ec)) {
    const auto pid = parse_u64(it->path().filename().string());
    if (!pid || *pid > INT32_MAX) continue;
    if (auto snapshot = read_procfs(static_cast<std::uint32_t>(*pid), cgroups, boot_epoch_ns))
      out.push_back(std::move(*snapshot));
  }
  return out;
}

}  // namespace tocsin
