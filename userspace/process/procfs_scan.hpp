// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "process/cgroup_table.hpp"
#include "process/process_table.hpp"

namespace tocsin {

// What /proc tells of one process now; nullopt when it is gone or a kernel thread. Works without
// any capability for our own processes; path, namespaces and root of others need CAP_SYS_PTRACE and
// stay unknown without. boot_epoch_ns turns the start tick into wall time.
std::optional<ProcessTable::Snapshot> read_procfs(std::uint32_t pid, const CgroupTable& cgroups,
                                                  WallNs boot_epoch_ns);

// All processes of /proc, parents before children as far as pids tell.
std::vector<ProcessTable::Snapshot> scan_procfs(const CgroupTable& cgroups, WallNs boot_epoch_ns);

// Whether the process with this number now is that one; its start may be rounded to a clock tick.
bool is_running(ProcessId process);

}  // namespace tocsin
