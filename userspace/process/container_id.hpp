// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <string>
#include <string_view>

namespace tocsin {

// The container a control group path belongs to, or "" when it looks like the host's own: the 64
// hex digits that docker, podman, containerd, CRI-O and Kubernetes put into the path, with or
// without their prefixes and ".scope". The innermost one wins (containers in containers).
std::string container_id_of_cgroup(std::string_view path);

// For a process in its own pid and mount namespaces whose path holds no such id (plain runc, lxc,
// systemd-nspawn): the last component that is not a systemd unit or slice, or "".
std::string runtime_id_of_cgroup(std::string_view path);

}  // namespace tocsin
