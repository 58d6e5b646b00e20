// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace tocsin {

// Where the unified control group hierarchy of the whole host can be reached.
struct Cgroup2Root {
  std::string path;      // of its root directory; empty: it cannot be reached from here
  unsigned depth = 0;    // so many groups below it this process's control group namespace begins
  bool partial = false;  // only parts of the hierarchy are mounted here, as in a container
};

// Among the mounts of a mountinfo text. A control group namespace shows its own beginning as "/"
// and the host's root as "/../..", so the text alone does not tell: is_true_root decides about a
// mount point.
Cgroup2Root find_cgroup2_root(std::string_view mountinfo,
                              const std::function<bool(const std::string&)>& is_true_root);
// Among this process's own mounts. Reads /proc/self/mountinfo.
Cgroup2Root find_cgroup2_root();

// Where this process's control group namespace begins, as a path below the root: "" for the host's
// own, else "/kubepods/…". The kernel tells it to nobody inside, so the groups at that depth are
// searched for this process. Empty too when it is not found.
std::string cgroup_namespace_of_self(const Cgroup2Root& root);

}  // namespace tocsin
