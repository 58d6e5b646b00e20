// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "capture/hook_table.hpp"

#include <array>

namespace tocsin {
namespace {

using Programs = std::span<const std::string_view>;

template <std::size_t N>
using Names = std::array<std::string_view, N>;

constexpr Names<1> kForkBtf{"fork_btf"}, kForkRaw{"fork_raw"};
constexpr Names<1> kExecBtf{"exec_btf"}, kExecRaw{"exec_raw"};
constexpr Names<1> kExitBtf{"exit_btf"}, kExitRaw{"exit_raw"};
constexpr Names<1> kCgroupBtf{"cgroup_btf"}, kCgroupRaw{"cgroup_raw"};
constexpr Names<2> kConnectCgroup{"connect4", "connect6"};
constexpr Names<2> kDatagramCgroup{"sendmsg4", "sendmsg6"};
constexpr Names<1> kStateBtf{"state_btf"}, kStateRaw{"state_raw"};

constexpr HookWay kForkWays[] = {
    {"tp_btf/sched_process_fork", kForkBtf, "", false},
    {"raw_tp/sched_process_fork", kForkRaw, "", false},
};
constexpr HookWay kExecWays[] = {
    {"tp_btf/sched_process_exec", kExecBtf,
     "on kernels with preemptible tracepoints (7.x) an exec that interrupts another is not seen",
     false},
    {"raw_tp/sched_process_exec", kExecRaw,
     "on kernels with preemptible tracepoints (7.x) an exec that interrupts another is not seen",
     false},
};
constexpr HookWay kExitWays[] = {
    {"tp_btf/sched_process_exit", kExitBtf, "", false},
    {"raw_tp/sched_process_exit", kExitRaw, "", false},
};
constexpr HookWay kCgroupWays[] = {
    {"tp_btf/cgroup_mkdir", kCgroupBtf, "", false},
    {"raw_tp/cgroup_mkdir", kCgroupRaw, "", false},
};
constexpr HookWay kConnectWays[] = {
    {"cgroup/connect4+connect6", kConnectCgroup, "", false},
};
constexpr HookWay kDatagramWays[] = {
    {"cgroup/sendmsg4+sendmsg6", kDatagramCgroup, "", false},
};
constexpr HookWay kStateWays[] = {
    {"tp_btf/inet_sock_set_state", kStateBtf, "", false},
    {"raw_tp/inet_sock_set_state", kStateRaw, "", false},
};

constexpr HookSlot kSlots[] = {
    {"fork", BpfObjectName::kProcess, kForkWays,
     "a process is known from its first exec on; before that its parent stands for it"},
    {"exec", BpfObjectName::kProcess, kExecWays, "no program start is seen: no hash is checked"},
    {"exit", BpfObjectName::kProcess, kExitWays,
     "the end of a process is noticed only by a look into /proc"},
    {"cgroup", BpfObjectName::kProcess, kCgroupWays,
     "the container of a short process may stay unknown"},
    {"connect", BpfObjectName::kNetwork, kConnectWays, "no connection is seen"},
    {"datagram", BpfObjectName::kNetwork, kDatagramWays, "UDP sent without a connect is not seen"},
    {"outcome", BpfObjectName::kNetwork, kStateWays,
     "whether a connection came about, how long it lasted and how much it carried is unknown"},
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
