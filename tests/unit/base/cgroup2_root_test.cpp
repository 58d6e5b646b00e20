// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "base/cgroup2_root.hpp"

#include "base/path_below.hpp"
#include "support/test.hpp"

using namespace tocsin;

namespace {

Cgroup2Root find(std::string_view mountinfo, const std::string& true_root = "") {
  return find_cgroup2_root(
      mountinfo, [&](const std::string& path) { return true_root.empty() || path == true_root; });
}

}  // namespace

TEST_CASE("the unified hierarchy is found on unified and hybrid hosts", "[cgroup]") {
  CHECK(find("25 30 0:22 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw\n").path ==
        "/sys/fs/cgroup");
  CHECK(find("30 25 0:26 / /sys/fs/cgroup rw - tmpfs tmpfs rw\n"
             "31 30 0:27 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n"
             "40 30 0:36 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw")
            .path == "/sys/fs/cgroup/unified");
  const auto nothing = find("garbage\n - cgroup2 \n40 30 - cgroup2 x\n");
  CHECK(nothing.path.empty());
  CHECK_FALSE(find("").partial);
}

TEST_CASE("a part of the hierarchy is not taken for its root", "[cgroup]") {
  const auto bind = find("40 30 0:36 /child /mnt rw - cgroup2 cgroup2 rw\n");
  CHECK(bind.path.empty());
  CHECK(bind.partial);
  // What a container sees of its own group looks like a root; the host's is above it.
  const std::string_view container =
      "77 70 0:36 / /sys/fs/cgroup ro - cgroup2 cgroup rw\n"
      "98 70 0:36 /../../.. /host/sys/fs/cgroup ro - cgroup2 cgroup2 rw\n";
  const auto both = find(container, "/host/sys/fs/cgroup");
  CHECK(both.path == "/host/sys/fs/cgroup");
  CHECK(both.depth == 3);
  const auto own_only = find(container, "/elsewhere");
  CHECK(own_only.path.empty());
  CHECK(own_only.partial);
  CHECK(find("77 70 0:36 /..x /mnt ro - cgroup2 cgroup rw\n").path.empty());
}

TEST_CASE("the namespace of the host begins at the root", "[cgroup]") {
  CHECK(cgroup_namespace_of_self({}).empty());
  CHECK(cgroup_namespace_of_self({.path = "/nonexistent", .depth = 2, .partial = false}).empty());
  const auto here = find_cgroup2_root();
  if (here.depth == 0) CHECK(cgroup_namespace_of_self(here).empty());
}

TEST_CASE("a path of another root does not leave it by dots", "[path]") {
  CHECK(path_below("/", "/etc/passwd") == "/etc/passwd");
  CHECK(path_below("/host", "/etc/passwd") == "/host/etc/passwd");
  CHECK(path_below("/host/", "/a/../../../etc/passwd") == "/host/etc/passwd");
}
