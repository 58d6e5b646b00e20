// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <unordered_map>

#include "base/fd.hpp"
#include "base/result.hpp"

namespace tocsin {

// Control group id -> path. Fed by a scan at start and by the kernel's event for every new group,
// so that a container younger than a second has its name even when its group is gone again. State
// thread only; bounded by limits::kCgroupsMax, oldest dropped.
class CgroupTable {
 public:
  // mount is the root of cgroup2; empty: no cgroup2 here, every path is unknown. namespace_root:
  // see cgroup_namespace_of_self().
  explicit CgroupTable(std::string mount, std::string namespace_root = {});

  // Reads the groups that exist now.
  void scan();
  void on_created(std::uint64_t id, std::string path);

  // Empty when unknown. Asks the kernel once for an id never heard of (needs CAP_DAC_READ_SEARCH).
  const std::string& path_of(std::uint64_t id);
  // The id of a path as /proc/PID/cgroup tells it to this process, 0 when there is no such group.
  [[nodiscard]] std::uint64_t id_of(const std::string& path) const;

 private:
  std::string ask_kernel(std::uint64_t id) const;
  void remember(std::uint64_t id, std::string path);

  std::string mount_, namespace_root_;
  Fd mount_fd_;
  std::unordered_map<std::uint64_t, std::string> paths_;
  std::deque<std::uint64_t> order_;
};

}  // namespace tocsin
