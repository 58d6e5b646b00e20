// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "process/procfs_scan.hpp"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "base/cgroup2_root.hpp"
#include "process/user_names.hpp"
#include "support/test.hpp"

using namespace tocsin;

TEST_CASE("procfs tells about this very process and its living child") {
  const CgroupTable cgroups(find_cgroup2_root().path);
  int gate[2];
  REQUIRE(pipe(gate) == 0);
  const pid_t child = fork();
  if (child == 0) {
    char c;
    close(gate[1]);
    _exit(read(gate[0], &c, 1) == 0 ? 0 : 1);
  }
  const auto self = read_procfs(static_cast<std::uint32_t>(getpid()), cgroups, 0);
  REQUIRE(self);
  CHECK(self->exec.path == std::filesystem::read_symlink("/proc/self/exe"));
  CHECK(self->exec.uid == getuid());
  CHECK(self->exec.euid == geteuid());
  CHECK(self->parent_pid == static_cast<std::uint32_t>(getppid()));
  CHECK(self->exec.cwd == std::filesystem::current_path());
  REQUIRE_FALSE(self->exec.argv.empty());
  struct stat st {};
  REQUIRE(stat("/proc/self/exe", &st) == 0);
  CHECK(self->exec.file.ino == st.st_ino);
  CHECK(self->exec.file.size == static_cast<std::uint64_t>(st.st_size));
  CHECK(self->exec.root.mnt_ns != 0);

  bool child_seen = false;
  for (const auto& s : scan_procfs(cgroups, 0))
    child_seen = child_seen || (s.id.pid == static_cast<std::uint32_t>(child) &&
                                s.parent_pid == static_cast<std::uint32_t>(getpid()) &&
                                s.id.start_ns >= self->id.start_ns);
  CHECK(child_seen);
  close(gate[0]);
  close(gate[1]);
  REQUIRE(waitpid(child, nullptr, 0) == child);
  CHECK_FALSE(read_procfs(static_cast<std::uint32_t>(child), cgroups, 0));
}

TEST_CASE("names of local accounts are known, others are not invented") {
  UserNames names;
  CHECK(names.name_of(0, 1) == "root");
  CHECK(names.name_of(3'999'999'999, 1).empty());
  UserNames absent("/nonexistent/passwd");
  CHECK(absent.name_of(0, 1).empty());
  UserNames elsewhere("");  // another host's: only root is root everywhere
  CHECK(elsewhere.name_of(0, 1) == "root");
  CHECK(elsewhere.name_of(1, 2).empty());
}
