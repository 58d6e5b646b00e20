// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "process/mount_namespaces.hpp"

#include <algorithm>

#include "process/process_limits.hpp"
#include "process/process_table.hpp"

namespace tocsin {
namespace {

// Null when it ended or went elsewhere.
std::shared_ptr<Process> living(const std::weak_ptr<Process>& known, std::uint32_t mnt_ns) {
  auto process = known.lock();
  if (process == nullptr || process->exited || process->image == nullptr) return nullptr;
  return process->image->exec.root.mnt_ns == mnt_ns ? process : nullptr;
}

}  // namespace

void MountNamespaces::note(const std::shared_ptr<Process>& process) {
  if (process->image == nullptr || process->image->exec.root.mnt_ns == 0) return;
  const auto mnt_ns = process->image->exec.root.mnt_ns;
  if (known_.size() >= limits::kMountNamespacesMax && !known_.contains(mnt_ns)) {
    std::erase_if(known_, [](const auto& entry) {
      return std::ranges::none_of(
          entry.second, [&](const auto& one) { return living(one, entry.first) != nullptr; });
    });
    if (known_.size() >= limits::kMountNamespacesMax) known_.clear();
  }
  auto& processes = known_[mnt_ns];
  if (processes.size() >= limits::kNamespaceProcessesMax)
    std::erase_if(processes, [&](const auto& one) { return living(one, mnt_ns) == nullptr; });
  if (processes.size() < limits::kNamespaceProcessesMax) processes.push_back(process);
}

std::vector<std::uint32_t> MountNamespaces::living_in(std::uint32_t mnt_ns, std::size_t max) const {
  std::vector<std::uint32_t> out;
  const auto found = known_.find(mnt_ns);
  if (found == known_.end()) return out;
  for (const auto& one : found->second) {
    if (out.size() >= max) break;
    const auto process = living(one, mnt_ns);
    if (process != nullptr && std::ranges::find(out, process->id.pid) == out.end())
      out.push_back(process->id.pid);
  }
  return out;
}

}  // namespace tocsin
