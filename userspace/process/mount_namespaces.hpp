// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

namespace tocsin {

struct Process;

// A few living processes of each mount namespace: ways to its root. Of a namespace at most
// limits::kNamespaceProcessesMax are known, the earliest that live; of namespaces at most
// limits::kMountNamespacesMax that have any. Costs the same however many processes there are. State
// thread only.
class MountNamespaces {
 public:
  // It runs its image now.
  void note(const std::shared_ptr<Process>& process);
  // Pids alive now, at most max.
  [[nodiscard]] std::vector<std::uint32_t> living_in(std::uint32_t mnt_ns, std::size_t max) const;

 private:
  std::unordered_map<std::uint32_t, std::vector<std::weak_ptr<Process>>> known_;
};

}  // namespace tocsin
