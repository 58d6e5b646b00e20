// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "hash/root_cache.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "support/hash_fixture.hpp"
#include "support/temp_dir.hpp"
#include "support/test.hpp"

using namespace tocsin;
using namespace tocsin::test;
namespace fs = std::filesystem;

namespace {

std::uint32_t pid_of(const OwnMounts& mounts) {
  return static_cast<std::uint32_t>(mounts.pid());
}

}  // namespace

TEST_CASE("the daemon's own root is known from the start") {
  RootCache roots;
  const auto root = roots.find(root_of_process(getpid()), {}, {});
  REQUIRE(root != nullptr);
  struct stat ours {
  }, found{};
  REQUIRE(stat("/", &ours) == 0);
  REQUIRE(fstat(root->get(), &found) == 0);
  CHECK(ours.st_ino == found.st_ino);
  CHECK(roots.size() == 0);
}

TEST_CASE("a namespace's root is reached through any of its processes and outlives them") {
  const TempDir dir;
  dir.write("root/marker", "inside");
  OwnMounts mounts([&] { return chroot(dir.file("root").c_str()) == 0 && chdir("/") == 0; });
  if (!mounts.made()) {
    WARN("skipped: making a mount namespace is not permitted here");
    return;
  }
  const auto root = root_of_process(mounts.pid());
  const auto self = static_cast<std::uint32_t>(getpid());
  const std::uint32_t strangers[] = {self, 0x7fffffff};
  RootCache roots;
  CHECK(roots.find(root, process_id(getpid()), strangers) == nullptr);

  SECTION("the event's own process") {
    CHECK(roots.find(root, process_id(mounts.pid()), {}) != nullptr);
  }
  SECTION("another one") {
    const std::uint32_t candidates[] = {self, pid_of(mounts)};
    CHECK(roots.find(root, {0x7fffffff, 1}, candidates) != nullptr);
  }
  SECTION("not a later process with the same id") {
    auto wrong_start = process_id(mounts.pid());
    wrong_start.start_ns += kNsPerSecond;
    CHECK(roots.find(root, wrong_start, {}) == nullptr);
    CHECK(roots.find(root, process_id(mounts.pid()), {}) != nullptr);
  }
  SECTION("not with another root directory in that namespace") {
    auto elsewhere = root;
    ++elsewhere.root_ino;
    CHECK(roots.find(elsewhere, process_id(mounts.pid()), {}) == nullptr);
    CHECK(roots.find(root, process_id(mounts.pid()), {}) != nullptr);
  }
  mounts.kill_and_wait();
  const auto kept = roots.find(root, {}, {});
  REQUIRE(kept != nullptr);
  CHECK(faccessat(kept->get(), "marker", F_OK, 0) == 0);
  CHECK(roots.size() == 1);
  roots.forget(root.mnt_ns ^ 1);
  CHECK(roots.size() == 1);
  roots.forget(root.mnt_ns);
  CHECK(roots.find(root, {}, {}) == nullptr);
}

TEST_CASE("the number of roots is bounded, the least recently used goes") {
  OwnMounts first([] { return true; }), second([] { return true; }), third([] { return true; });
  if (!third.made()) {
    WARN("skipped: making a mount namespace is not permitted here");
    return;
  }
  const auto a = root_of_process(first.pid()), b = root_of_process(second.pid()),
             c = root_of_process(third.pid());
  RootCache roots(2);
  REQUIRE(roots.find(a, process_id(first.pid()), {}) != nullptr);
  REQUIRE(roots.find(b, process_id(second.pid()), {}) != nullptr);
  REQUIRE(roots.find(a, {}, {}) != nullptr);
  REQUIRE(roots.find(c, process_id(third.pid()), {}) != nullptr);
  CHECK(roots.size() == 2);
  CHECK(roots.evicted() == 1);
  CHECK(roots.find(b, {}, {}) == nullptr);
  CHECK(roots.find(a, {}, {}) != nullptr);
}
