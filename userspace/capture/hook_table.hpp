// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

// Which event is served by which kernel hook: data, and what became of it on this host.
namespace tocsin {

enum class HookState { kPrimary, kFallback, kMissing };
std::string_view to_string(HookState state);  // "primary", "fallback", "missing"

// One way to serve an event. All of its programs attach, or the next way is tried.
struct HookWay {
  std::string_view name;                       // "tp_btf/sched_process_exec"
  std::span<const std::string_view> programs;  // function names in the BPF object
  std::string_view lost;                       // what this way misses; empty for the best one
  bool needs_bpf_lsm = false;                  // attaches everywhere, runs only under this LSM
  bool costly = false;                         // slows the whole host: only when asked for
  std::string_view spare = {};                 // loaded too, attached when the kernel skips runs
};

enum class BpfObjectName { kProcess, kNetwork, kNames, kDeny };

struct HookSlot {
  std::string_view event;  // "exec"
  BpfObjectName object;
  std::span<const HookWay> ways;  // best first
  std::string_view lost_without;  // what is not seen when no way works
};

// Every event the daemon asks the kernel for.
std::span<const HookSlot> hook_slots();
// What the kernel is asked to refuse by content: only where the response says so.
std::span<const HookSlot> deny_slots();

// Whether it names an event, one of its hooks, or a program of one.
bool is_hook_name(std::string_view name);
// Events and hooks, for whoever gave a name that is none: "fork, tp_btf/sched_process_fork, …".
std::string hook_names();

struct HookRefusal {
  std::string hook;
  std::string reason;  // the kernel's words
};

// What became of one slot; for doctor, status and the start-up log.
struct HookStatus {
  std::string event;
  HookState state = HookState::kMissing;
  std::string hook;                  // in use; empty when missing
  std::string lost;                  // sentence; empty when nothing is
  std::vector<HookRefusal> refused;  // better ways that failed, in order
};

// "exec: tp_btf/sched_process_exec (fallback; lsm/…: Operation not permitted); lost: …"
std::string describe(const HookStatus& status);

}  // namespace tocsin
