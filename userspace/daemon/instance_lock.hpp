// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <optional>
#include <string>

#include "base/fd.hpp"
#include "base/result.hpp"

namespace tocsin {

// One monitor per host, also across containers and folders: an exclusive flock on the root
// directory of cgroup2, which every mount namespace shares; where there is no cgroup2, on a file in
// fallback_folder. Held until the process ends. A lock held by a process that could not be a
// monitor (no CAP_BPF) is reported in *foreign_holder and not respected: anybody may open that
// directory.
Result<Fd> take_instance_lock(const std::string& cgroup2_mount, const std::string& fallback_folder,
                              std::string* foreign_holder);

// Whoever watches this host by that lock, for those that only look: takes nothing, any user may
// ask. "pid 812, control group /system.slice/tocsind.service"; absent: nobody, or nobody that can
// be seen from this pid namespace.
std::optional<std::string> find_monitor(const std::string& cgroup2_mount);

}  // namespace tocsin
