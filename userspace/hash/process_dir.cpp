// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "hash/process_dir.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <string_view>

#include "base/text.hpp"
#include "hash/file_identity_check.hpp"

namespace tocsin {
namespace {

constexpr BootNs kTickNs = 10'000'000;   // procfs shows times in 1/100 s
constexpr int kStartTimeAfterName = 20;  // field 22 of stat; the second, the name, ends with ')'

std::optional<std::uint64_t> start_ticks(int dir) {
  const Fd stat(openat(dir, "stat", O_RDONLY | O_CLOEXEC));
  if (!stat) return std::nullopt;
  std::array<char, 1024> buffer;
  const auto got = read(stat.get(), buffer.data(), buffer.size());
  if (got <= 0) return std::nullopt;
  std::string_view rest(buffer.data(), static_cast<std::size_t>(got));
  const auto name_end = rest.rfind(')');
  if (name_end == std::string_view::npos) return std::nullopt;
  rest.remove_prefix(name_end + 1);
  for (int field = 0; field < kStartTimeAfterName; ++field) {
    const auto blank = rest.find(' ');
    if (blank == std::string_view::npos) return std::nullopt;
    rest.remove_prefix(blank + 1);
  }
  return parse_u64(rest.substr(0, rest.find(' ')));
}

}  // namespace

std::optional<ProcessDir> ProcessDir::open(const ProcessId& id) {
  if (!id.known()) return std::nullopt;
  std::array<char, 24> path;
  std::snprintf(path.data(), path.size(), "/proc/%u", id.pid);
  Fd dir(::open(path.data(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!dir) return std::nullopt;
  if (id.start_ns != 0) {
    const auto ticks = start_ticks(dir.get());
    if (!ticks || *ticks != id.start_ns / kTickNs) return std::nullopt;
  }
  return ProcessDir(std::move(dir));
}

Fd ProcessDir::exe() const {
  return Fd(openat(dir_.get(), "exe", O_PATH | O_CLOEXEC));
}

Fd ProcessDir::root() const {
  return Fd(openat(dir_.get(), "root", O_PATH | O_DIRECTORY | O_CLOEXEC));
}

std::uint32_t ProcessDir::mnt_ns() const {
  struct stat st {};
  if (fstatat(dir_.get(), "ns/mnt", &st, 0) != 0) return 0;
  return static_cast<std::uint32_t>(st.st_ino);
}

bool still_runs(const ProcessId& id, std::uint32_t dev, std::uint64_t ino) {
  const auto process = ProcessDir::open(id);
  if (!process) return false;
  const Fd exe = process->exe();
  if (!exe) return false;
  const auto now = stat_fd(exe.get(), StatSync::kCached);
  return now && now->file.dev == dev && now->file.ino == ino;
}

}  // namespace tocsin
