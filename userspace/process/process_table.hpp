// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "base/process_id.hpp"
#include "event/event.hpp"
#include "hash/hash_result.hpp"
#include "process/mount_namespaces.hpp"

namespace tocsin {

// What a process runs: one exec, shared by the children that forked from it and have not executed
// anything of their own. The digests are filled in when the hash service answers.
struct Image {
  ExecEvent exec;
  HashResult hash;
  HashResult script_hash;
  bool hash_pending = false;
  std::uint64_t last_hash_ticket = 0;
  bool from_procfs = false;  // was running before the daemon: exec holds what /proc could tell
};

struct Process {
  ProcessId id;
  // The kernel's exact start time is not known (procfs tells it in clock ticks of 10 ms).
  bool start_is_coarse = false;
  std::uint64_t cgroup_id = 0;
  std::shared_ptr<Process> parent;  // null: unknown or the first process
  std::shared_ptr<Image> image;     // null: nothing known but the id
  bool exited = false;
  std::optional<std::int32_t> exit_code;
};

// Who did it: every process by identity, with its ancestors even after they have exited.
// State thread only. Bounded by limits::kProcessesMax; exited processes stay for
// limits::kProcessGraceNs, at most limits::kExitedKeptMax of them, longer when a living descendant
// names them as ancestor.
class ProcessTable {
 public:
  struct Counters {
    std::uint64_t tracked = 0;  // entries now
    std::uint64_t created = 0;
    std::uint64_t evicted = 0;  // living entries dropped at the limit
    std::uint64_t orphans = 0;  // events about a process that had to be created without its fork
  };

  // One process that ran before the daemon did, from procfs.
  struct Snapshot {
    ProcessId id;  // start rounded down to a clock tick
    std::uint32_t parent_pid = 0;
    std::uint64_t cgroup_id = 0;
    ExecEvent exec;
  };

  void seed(std::vector<Snapshot> snapshots);

  std::shared_ptr<Process> on_fork(const ForkEvent& event);
  std::shared_ptr<Process> on_exec(ExecEvent event);
  // Null when the process was not known.
  std::shared_ptr<Process> on_exit(const ExitEvent& event, BootNs now);
  // The process of an event, created as an orphan when unknown.
  std::shared_ptr<Process> of(const EventHead& head);

  [[nodiscard]] std::shared_ptr<Process> find(ProcessId id) const;
  // The subject and its ancestors, nearest first, at most max_depth.
  [[nodiscard]] static std::vector<std::shared_ptr<const Process>> lineage(
      std::shared_ptr<const Process> subject, std::size_t max_depth);

  // Pids alive now whose mount namespace is mnt_ns, for opening that namespace's root; at most max.
  [[nodiscard]] std::vector<std::uint32_t> living_in(std::uint32_t mnt_ns, std::size_t max) const {
    return mount_namespaces_.living_in(mnt_ns, max);
  }

  // Every process alive now.
  [[nodiscard]] std::vector<std::weak_ptr<Process>> living() const;

  // Drops exited processes whose grace is over.
  void expire(BootNs now);

  [[nodiscard]] const Counters& counters() const { return counters_; }

 private:
  struct Exited {
    BootNs at;
    ProcessId id;
  };

  std::shared_ptr<Process> create(ProcessId id, std::uint64_t cgroup_id);
  std::shared_ptr<Process> find_or_adopt(ProcessId id);
  void set_parent(Process& child, std::shared_ptr<Process> parent);
  void make_room();
  void erase(ProcessId id);

  std::unordered_map<ProcessId, std::shared_ptr<Process>, ProcessIdHash> by_id_;
  std::unordered_map<std::uint32_t, ProcessId> latest_of_pid_;
  std::deque<Exited> exited_;
  MountNamespaces mount_namespaces_;
  Counters counters_;
};

}  // namespace tocsin
