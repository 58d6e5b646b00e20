// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "process/process_table.hpp"

#include <utility>

#include "base/limits.hpp"
#include "process/start_tick.hpp"

namespace tocsin {
namespace {

// A line that tells no start of its process: another one may have got the pid since.
bool is_another(const Process& known, const ExecEvent& event) {
  if (event.head.process.start_ns != 0) return false;
  const bool moved =
      known.parent != nullptr && event.parent.pid > 1 && event.parent.pid != known.parent->id.pid;
  return known.exited || moved;
}

}  // namespace

void ProcessTable::seed(std::vector<Snapshot> snapshots) {
  std::vector<std::pair<std::shared_ptr<Process>, std::uint32_t>> parents;
  for (auto& s : snapshots) {
    // The ring may have told of this process already, with its exact start.
    const auto latest = latest_of_pid_.find(s.id.pid);
    if (latest != latest_of_pid_.end() && is_same_process(latest->second, s.id)) {
      auto known = find(latest->second);
      if (known->image == nullptr) {
        known->image = std::make_shared<Image>();
        known->image->exec = std::move(s.exec);
        known->image->from_procfs = true;
        mount_namespaces_.note(known);
      }
      if (known->parent == nullptr) parents.emplace_back(std::move(known), s.parent_pid);
      continue;
    }
    auto process = create(s.id, s.cgroup_id);
    process->start_is_coarse = true;
    process->image = std::make_shared<Image>();
    process->image->exec = std::move(s.exec);
    process->image->from_procfs = true;
    mount_namespaces_.note(process);
    parents.emplace_back(std::move(process), s.parent_pid);
  }
  for (auto& [child, parent_pid] : parents) {
    const auto parent = latest_of_pid_.find(parent_pid);
    if (parent != latest_of_pid_.end() && parent_pid != child->id.pid)
      set_parent(*child, find(parent->second));
  }
}

std::shared_ptr<Process> ProcessTable::on_fork(const ForkEvent& event) {
  auto child = find_or_adopt(event.head.process);
  if (event.head.process.start_ns == 0) child = nullptr;  // the pid's last bearer is another one
  if (child == nullptr) child = create(event.head.process, event.head.cgroup_id);
  if (!event.parent.known()) return child;
  auto parent = find_or_adopt(event.parent);
  if (parent == nullptr) {
    parent = create(event.parent, event.head.cgroup_id);
    ++counters_.orphans;
  }
  if (child->image == nullptr) {
    child->image = parent->image;
    mount_namespaces_.note(child);
  }
  if (child->parent == nullptr) set_parent(*child, std::move(parent));
  return child;
}

std::shared_ptr<Process> ProcessTable::on_exec(ExecEvent event) {
  auto process = find_or_adopt(event.head.process);
  if (process == nullptr || is_another(*process, event)) {
    process = create(event.head.process, event.head.cgroup_id);
    ++counters_.orphans;
  }
  if (process->parent == nullptr && event.parent.known()) {
    if (auto parent = find_or_adopt(event.parent)) set_parent(*process, std::move(parent));
  }
  process->cgroup_id = event.head.cgroup_id;
  process->image = std::make_shared<Image>();
  process->image->exec = std::move(event);
  mount_namespaces_.note(process);
  return process;
}

std::shared_ptr<Process> ProcessTable::on_exit(const ExitEvent& event, BootNs now) {
  auto process = find_or_adopt(event.head.process);
  if (process == nullptr || process->exited) return process;
  process->exited = true;
  process->exit_code = event.exit_code;
  exited_.push_back({now, process->id});
  while (exited_.size() > limits::kExitedKeptMax) {
    erase(exited_.front().id);
    exited_.pop_front();
  }
  return process;
}

std::shared_ptr<Process> ProcessTable::of(const EventHead& head) {
  if (auto known = find_or_adopt(head.process)) return known;
  ++counters_.orphans;
  return create(head.process, head.cgroup_id);
}

std::shared_ptr<Process> ProcessTable::find(ProcessId id) const {
  const auto it = by_id_.find(id);
  return it == by_id_.end() ? nullptr : it->second;
}

// A process from procfs is known by its start tick until the first kernel event about it tells the
// exact start: then the entry takes the exact identity.
std::shared_ptr<Process> ProcessTable::find_or_adopt(ProcessId id) {
  if (auto exact = find(id)) return exact;
  const auto latest = latest_of_pid_.find(id.pid);
  if (latest == latest_of_pid_.end()) return nullptr;
  const bool start_unknown = latest->second.start_ns == 0;
  // A line may tell no start: it means the pid's last bearer.
  if (id.start_ns == 0) return find(latest->second);
  if (!start_unknown && !is_same_process(latest->second, id)) return nullptr;
  auto coarse = find(latest->second);
  if (coarse == nullptr || !coarse->start_is_coarse) return nullptr;
  by_id_.erase(coarse->id);
  coarse->id = id;
  coarse->start_is_coarse = false;
  by_id_.emplace(id, coarse);
  latest->second = id;
  return coarse;
}

std::vector<std::shared_ptr<const Process>> ProcessTable::lineage(
    std::shared_ptr<const Process> subject, std::size_t max_depth) {
  std::vector<std::shared_ptr<const Process>> out;
  for (; subject != nullptr && out.size() < max_depth; subject = subject->parent)
    out.push_back(subject);
  return out;
}

std::vector<std::weak_ptr<Process>> ProcessTable::living() const {
  std::vector<std::weak_ptr<Process>> out;
  for (const auto& [id, process] : by_id_)
    if (!process->exited) out.push_back(process);
  return out;
}

void ProcessTable::expire(BootNs now) {
  while (!exited_.empty() && exited_.front().at + limits::kProcessGraceNs <= now) {
    erase(exited_.front().id);
    exited_.pop_front();
  }
}

std::shared_ptr<Process> ProcessTable::create(ProcessId id, std::uint64_t cgroup_id) {
  make_room();
  // Only where lines tell no starts: the pid's last bearer, which ended, gives way.
  if (by_id_.contains(id)) std::erase_if(exited_, [&](const Exited& e) { return e.id == id; });
  auto process = std::make_shared<Process>();
  process->id = id;
  process->start_is_coarse = id.start_ns == 0;
  process->cgroup_id = cgroup_id;
  by_id_[id] = process;
  latest_of_pid_[id.pid] = id;
  ++counters_.created;
  counters_.tracked = by_id_.size();
  return process;
}

// Ancestors are kept alive by their descendants. A chain in which each process forks and exits
// would grow without end, so the link above the depth that anybody is shown is cut.
void ProcessTable::set_parent(Process& child, std::shared_ptr<Process> parent) {
  if (parent.get() == &child) return;
  Process* last = parent.get();
  for (std::size_t depth = 1; last != nullptr && depth < limits::kLineageDepthMax; ++depth) {
    if (last == &child) return;  // hostile input: no cycles
    last = last->parent.get();
  }
  if (last == &child) return;
  if (last != nullptr && last->exited) last->parent.reset();
  child.parent = std::move(parent);
}

void ProcessTable::make_room() {
  if (by_id_.size() < limits::kProcessesMax) return;
  if (!exited_.empty()) {
    erase(exited_.front().id);
    exited_.pop_front();
    return;
  }
  ++counters_.evicted;
  erase(by_id_.begin()->first);
}

void ProcessTable::erase(ProcessId id) {
  by_id_.erase(id);
  const auto latest = latest_of_pid_.find(id.pid);
  if (latest != latest_of_pid_.end() && latest->second == id) latest_of_pid_.erase(latest);
  counters_.tracked = by_id_.size();
}

}  // namespace tocsin
