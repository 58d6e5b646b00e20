// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "respond/kill_process.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>

#include "base/fd.hpp"

namespace tocsin {
namespace {

constexpr int kStartField = 20;  // of /proc/PID/stat behind the name, from 1: field 22

// In clock ticks since boot.
std::optional<std::uint64_t> start_ticks(std::uint32_t pid) {
  std::ifstream in(fmt::format("/proc/{}/stat", pid));
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  // The name may hold anything, brackets and blanks too.
  auto at = text.rfind(')');
  for (int i = 0; i < kStartField && at != std::string::npos; ++i) at = text.find(' ', at + 1);
  if (at == std::string::npos) return std::nullopt;
  return std::strtoull(text.c_str() + at, nullptr, 10);
}

}  // namespace

Result<void> kill_process(ProcessId process) {
  if (process.pid <= 1 || process.pid == static_cast<std::uint32_t>(getpid()))
    return fail(ErrorCode::kPermission, "this process is never killed");
  const Fd held(static_cast<int>(syscall(SYS_pidfd_open, process.pid, 0)));
  if (!held) {
    if (errno == ESRCH) return fail(ErrorCode::kNotFound, "it had ended already");
    return fail_errno("holding the process", errno);
  }
  // The kernel rounds the start down to ticks.
  const auto tick_ns = 1'000'000'000ULL / static_cast<std::uint64_t>(sysconf(_SC_CLK_TCK));
  const auto ticks = start_ticks(process.pid);
  if (!ticks || *ticks != process.start_ns / tick_ns)
    return fail(ErrorCode::kNotFound, "it had ended already");
  if (syscall(SYS_pidfd_send_signal, held.get(), SIGKILL, nullptr, 0) == 0) return {};
  if (errno == ESRCH) return fail(ErrorCode::kNotFound, "it had ended already");
  if (errno == EPERM)
    return fail(ErrorCode::kPermission,
                "CAP_KILL is missing: the unit needs the drop-in for the response");
  return fail_errno("killing the process", errno);
}

}  // namespace tocsin
