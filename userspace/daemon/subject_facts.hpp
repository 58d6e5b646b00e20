// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "alert/alert.hpp"
#include "base/clock.hpp"
#include "process/cgroup_table.hpp"
#include "process/process_table.hpp"
#include "process/user_names.hpp"

namespace tocsin {

// Turns table entries into what alerts say about processes. State thread only.
class SubjectFacts {
 public:
  SubjectFacts(const Clock& clock, CgroupTable& cgroups, const std::string& accounts);

  // A subject as alerts describe it, nearest process first.
  std::vector<ProcessFacts> lineage_of(const std::shared_ptr<const Process>& subject);
  // image: what it ran at the moment in question; null: unknown.
  ProcessFacts of_one(const Process& process, const Image* image);
  [[nodiscard]] std::string container_of(const Process& process) const;

 private:
  const Clock& clock_;
  CgroupTable& cgroups_;
  UserNames users_;
  std::uint32_t own_mnt_ns_;
  std::uint32_t own_pid_ns_;
};

}  // namespace tocsin
