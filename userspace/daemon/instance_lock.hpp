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
// fallback_folder. Held until the process ends. Anybody may open that directory, so only a holder
// that no other user could be is respected: one that runs a file called tocsind, with CAP_BPF, in
// this user namespace. Another one is told in *foreign_holder, and the result holds no lock.
Result<Fd> take_instance_lock(const std::string& cgroup2_mount, const std::string& fallback_folder,
                              std::string* foreign_holder);

// Whoever watches this host by that lock, for those that only look: takes nothing, any user may
// ask. "pid 812, control group /system.slice/tocsind.service"; absent: nobody, or nobody that can
// be seen from this pid namespace.
std::optional<std::string> find_monitor(const std::string& cgroup2_mount);

}  // namespace tocsin
