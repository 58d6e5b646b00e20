// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "capture/hook_table.hpp"

#include <algorithm>
#include <array>

namespace tocsin {
namespace {

template <std::size_t N>
using Names = std::array<std::string_view, N>;

constexpr Names<1> kForkBtf{"fork_btf"}, kForkRaw{"fork_raw"};
constexpr Names<1> kExecLsmIma{"exec_lsm_ima"}, kExecLsm{"exec_lsm"};
constexpr Names<1> kExecBtf{"exec_btf"}, kExecRaw{"exec_raw"};
constexpr Names<1> kExitBtf{"exit_btf"}, kExitRaw{"exit_raw"};
constexpr Names<2> kModuleLsm{"module_lsm", "module_mprotect_lsm"};
constexpr Names<2> kModuleFentry{"module_fentry", "module_mprotect_fentry"};
constexpr Names<1> kModuleSyscall{"module_syscall"};
constexpr Names<1> kCgroupBtf{"cgroup_btf"}, kCgroupRaw{"cgroup_raw"};
constexpr Names<2> kConnectCgroup{"connect4", "connect6"};
constexpr Names<1> kConnectLsm{"connect_lsm"}, kConnectSyscall{"connect_syscall"};
constexpr Names<2> kDatagramCgroup{"sendmsg4", "sendmsg6"};
constexpr Names<1> kStateBtf{"state_btf"}, kStateRaw{"state_raw"};
constexpr Names<2> kPacketCgroup{"packet_out", "packet_in"};

constexpr Names<1> kDenyExec{"deny_exec"};
constexpr Names<2> kDenyLibrary{"deny_library", "deny_mprotect"};

constexpr HookWay kForkWays[] = {
    {.name = "tp_btf/sched_process_fork", .programs = kForkBtf, .lost = ""},
    {.name = "raw_tp/sched_process_fork", .programs = kForkRaw, .lost = ""},
};

constexpr std::string_view kNoKernelHash =
    "the kernel cannot hash a file as it is executed: content that is deleted within a millisecond "
    "may be missed";

constexpr HookWay kExecWays[] = {
    {.name = "lsm.s/bprm_committed_creds",
     .programs = kExecLsmIma,
     .lost = "",
     .needs_bpf_lsm = true},
    {.name = "lsm/bprm_committed_creds",
     .programs = kExecLsm,
     .lost = kNoKernelHash,
     .needs_bpf_lsm = true},
    {.name = "tp_btf/sched_process_exec",
     .programs = kExecBtf,
     .lost = kNoKernelHash,
     .spare = "exec_btf_copy"},
    {.name = "raw_tp/sched_process_exec", .programs = kExecRaw, .lost = kNoKernelHash},
};

constexpr HookWay kModuleWays[] = {
    {.name = "lsm/mmap_file+file_mprotect",
     .programs = kModuleLsm,
     .lost = "",
     .needs_bpf_lsm = true},
    {.name = "fentry/security_mmap_file+security_file_mprotect",
     .programs = kModuleFentry,
     .lost = ""},
    {.name = "tp_btf/sys_enter",
     .programs = kModuleSyscall,
     .lost = "libraries that are made executable after they were mapped, those of 32-bit programs "
             "and the dynamic loader itself are not seen, and every system call pays for the look",
     .costly = true},
};

constexpr HookWay kExitWays[] = {
    {.name = "tp_btf/sched_process_exit", .programs = kExitBtf, .lost = ""},
    {.name = "raw_tp/sched_process_exit", .programs = kExitRaw, .lost = ""},
};
constexpr HookWay kCgroupWays[] = {
    {.name = "tp_btf/cgroup_mkdir", .programs = kCgroupBtf, .lost = ""},
    {.name = "raw_tp/cgroup_mkdir", .programs = kCgroupRaw, .lost = ""},
};

constexpr HookWay kConnectWays[] = {
    {.name = "cgroup/connect4+connect6", .programs = kConnectCgroup, .lost = ""},
    {.name = "lsm/socket_connect",
     .programs = kConnectLsm,
     .lost = "connects by TCP fast open are not seen; hellos have no owner and are not taken, so "
             "TLS and HTTP host names are missing",
     .needs_bpf_lsm = true},
    {.name = "tp_btf/sys_enter",
     .programs = kConnectSyscall,
     .lost = "connects through io_uring, 32-bit system calls and TCP fast open are not seen, and "
             "every system call pays for the look; hellos have no owner and are not taken, so TLS "
             "and HTTP host names are missing"},
};
constexpr HookWay kDatagramWays[] = {
    {.name = "cgroup/sendmsg4+sendmsg6", .programs = kDatagramCgroup, .lost = ""},
};
constexpr HookWay kStateWays[] = {
    {.name = "tp_btf/inet_sock_set_state", .programs = kStateBtf, .lost = ""},
    {.name = "raw_tp/inet_sock_set_state", .programs = kStateRaw, .lost = ""},
};
constexpr HookWay kPacketWays[] = {
    {.name = "cgroup_skb/egress+ingress", .programs = kPacketCgroup, .lost = ""},
};

constexpr HookSlot kSlots[] = {
    {"fork", BpfObjectName::kProcess, kForkWays,
     "a process is known from its first exec on; before that its parent stands for it"},
    {"exec", BpfObjectName::kProcess, kExecWays, "no program start is seen: no hash is checked"},
    {"module", BpfObjectName::kProcess, kModuleWays,
     "which libraries a program maps is not seen: no library is hashed"},
    {"exit", BpfObjectName::kProcess, kExitWays,
     "the end of a process is noticed only by a look into /proc"},
    {"cgroup", BpfObjectName::kProcess, kCgroupWays,
     "the container of a short process may stay unknown"},
    {"connect", BpfObjectName::kNetwork, kConnectWays, "no connection is seen"},
    {"datagram", BpfObjectName::kNetwork, kDatagramWays, "UDP sent without a connect is not seen"},
    {"outcome", BpfObjectName::kNetwork, kStateWays,
     "whether a connection came about, how long it lasted and how much it carried is unknown"},
    {"packet", BpfObjectName::kNames, kPacketWays,
     "no DNS message and no TLS, QUIC or HTTP hello is seen: connections have no host names, and "
     "domains are not matched"},
};

constexpr HookWay kDenyExecWays[] = {
    {.name = "lsm.s/bprm_check_security", .programs = kDenyExec, .lost = "", .needs_bpf_lsm = true},
};
constexpr HookWay kDenyLibraryWays[] = {
    {.name = "lsm.s/mmap_file+lsm/file_mprotect",
     .programs = kDenyLibrary,
     .lost = "",
     .needs_bpf_lsm = true},
};

constexpr HookSlot kDenySlots[] = {
    {"deny-exec", BpfObjectName::kDeny, kDenyExecWays,
     "listed content runs until it is hashed and killed; a file known to be listed is killed "
     "before "
     "its first instruction"},
    {"deny-library", BpfObjectName::kDeny, kDenyLibraryWays,
     "a listed library is mapped; its process is killed when the library has been hashed, if it is "
     "seen at all"},
};

}  // namespace

std::string_view to_string(HookState state) {
  switch (state) {
    case HookState::kPrimary:
      return "primary";
    case HookState::kFallback:
      return "fallback";
    case HookState::kMissing:
      return "missing";
  }
  return "missing";
}

std::span<const HookSlot> hook_slots() {
  return kSlots;
}

std::span<const HookSlot> deny_slots() {
  return kDenySlots;
}

bool is_hook_name(std::string_view name) {
  for (const auto slots : {hook_slots(), deny_slots()})
    for (const HookSlot& slot : slots) {
      if (slot.event == name) return true;
      for (const HookWay& way : slot.ways)
        if (way.name == name || way.spare == name ||
            std::find(way.programs.begin(), way.programs.end(), name) != way.programs.end())
          return true;
    }
  return false;
}

std::string hook_names() {
  std::string names;
  for (const HookSlot& slot : hook_slots()) {
    names.append(names.empty() ? "" : ", ").append(slot.event);
    for (const HookWay& way : slot.ways) names.append(", ").append(way.name);
  }
  return names;
}

std::string describe(const HookStatus& status) {
  std::string text = status.event + ": ";
  text += status.hook.empty() ? std::string("nothing") : status.hook;
  text += " (";
  text += to_string(status.state);
  for (const HookRefusal& r : status.refused) text += "; " + r.hook + ": " + r.reason;
  text += ")";
  if (!status.lost.empty()) text += "; lost: " + status.lost;
  return text;
}

}  // namespace tocsin
