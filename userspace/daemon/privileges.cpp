// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/privileges.hpp"

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <initializer_list>

namespace tocsin {
namespace {

// Given by the unit, whose network is its own: for the canary, which serves names at port 53 there.
// Whoever has it otherwise, as root has, does not need it.
bool canary_may_bind() {
  return prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, CAP_NET_BIND_SERVICE, 0, 0) == 1;
}

Result<void> keep_only(bool kills, std::initializer_list<int> kept) {
  std::uint64_t mask = kills ? 1ULL << CAP_KILL : 0;
  if (canary_may_bind()) mask |= 1ULL << CAP_NET_BIND_SERVICE;
  for (const int capability : kept) mask |= 1ULL << capability;
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2]{};
  if (syscall(SYS_capget, &header, data) != 0) return fail_errno("reading capabilities", errno);
  for (int word = 0; word < 2; ++word) {
    const auto allowed = static_cast<std::uint32_t>(mask >> (32 * word));
    data[word].permitted &= allowed;
    data[word].effective = data[word].permitted;
    data[word].inheritable &= allowed;
  }
  // The ambient set follows: it cannot hold what is not permitted.
  if (syscall(SYS_capset, &header, data) != 0) return fail_errno("dropping capabilities", errno);
  return {};
}

}  // namespace

Result<void> keep_needed_capabilities(bool kills) {
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return fail_errno("no_new_privs", errno);
  return keep_only(kills,
                   {CAP_BPF, CAP_PERFMON, CAP_NET_ADMIN, CAP_SYS_PTRACE, CAP_DAC_READ_SEARCH});
}

Result<void> drop_attach_capabilities(bool kills) {
  return keep_only(kills, {CAP_BPF, CAP_SYS_PTRACE, CAP_DAC_READ_SEARCH});
}

bool can_kill() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2]{};
  return syscall(SYS_capget, &header, data) == 0 && (data[0].effective & 1U << CAP_KILL) != 0;
}

}  // namespace tocsin
