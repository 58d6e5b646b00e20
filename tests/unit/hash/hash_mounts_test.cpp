// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>

#include "hash/file_systems.hpp"
#include "hash/hash_service.hpp"
#include "support/hash_fixture.hpp"
#include "support/temp_dir.hpp"
#include "support/test.hpp"

using namespace tocsin;
using namespace tocsin::test;
namespace fs = std::filesystem;

namespace {

std::unique_ptr<HashService> service(HashServiceOptions options = {}) {
  auto made = HashService::create(options);
  REQUIRE(made);
  return std::move(*made);
}

// The event of a program that ran at path inside and is gone; only the holder of the namespace
// lives.
HashRequest executed_inside(const OwnMounts& mounts, const std::string& path) {
  HashRequest request = executed("/proc/" + std::to_string(mounts.pid()) + "/root" + path);
  request.path = path;
  request.root = root_of_process(mounts.pid());
  request.same_mnt_ns_pids = {static_cast<std::uint32_t>(mounts.pid())};
  return request;
}

bool permitted(const OwnMounts& mounts) {
  if (!mounts.made()) WARN("skipped: these mounts are not permitted here (root is needed)");
  return mounts.made();
}

// A FUSE file system whose server never answers anything. The descriptor stays open in the child.
bool mount_mute_fuse(const std::string& at) {
  const int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
  if (fd < 0) return false;
  const auto options = fmt::format("fd={},rootmode=40000,user_id=0,group_id=0", fd);
  return mount("tocsin-test", at.c_str(), "fuse", MS_NOSUID | MS_NODEV, options.c_str()) == 0;
}

HashRequest executed_on_fuse(const OwnMounts& mounts, const std::string& path) {
  HashRequest request;
  request.file.ino = 42;
  request.file.size = 1000;
  request.file.mode = S_IFREG | 0755;
  request.file.nlink = 1;
  request.file.dev = 77;
  request.file.fs_magic = fs_magic::kFuse;
  request.path = path;
  request.root = root_of_process(mounts.pid());
  request.same_mnt_ns_pids = {static_cast<std::uint32_t>(mounts.pid())};
  request.exec_time_ns = SystemClock().wall_ns();
  return request;
}

}  // namespace

TEST_CASE("the same path in another mount namespace has its own content") {
  const TempDir dir;
  const auto path = dir.write("program", "of the host");
  const auto other = dir.write("other", "of the container");
  const OwnMounts mounts(
      [&] { return mount(other.c_str(), path.c_str(), nullptr, MS_BIND, nullptr) == 0; });
  if (!permitted(mounts)) return;
  let_clock_tick();
  const auto hashes = service();
  const auto inside = hash_now(*hashes, executed_inside(mounts, path));
  const auto outside = hash_now(*hashes, executed(path));
  REQUIRE(inside.digests);
  REQUIRE(outside.digests);
  CHECK(inside.digests->sha256.hex() == sha256sum(other));
  CHECK(outside.digests->sha256.hex() == sha256sum(path));
  CHECK(inside.rung == HashRung::kRootPath);

  auto script = executed_script(path, "/");
  CHECK(hash_now(*hashes, script).digests == outside.digests);
  script.root = root_of_process(mounts.pid());
  script.process = process_id(mounts.pid());
  CHECK(hash_now(*hashes, script).digests == inside.digests);
}

TEST_CASE("a namespace that nobody is left to lead to is not looked for in ours") {
  const TempDir dir;
  const auto path = dir.write("program", "of the host");
  const auto other = dir.write("other", "of the container");
  OwnMounts mounts(
      [&] { return mount(other.c_str(), path.c_str(), nullptr, MS_BIND, nullptr) == 0; });
  if (!permitted(mounts)) return;
  let_clock_tick();
  auto event = executed_inside(mounts, path);
  event.file.fs_magic = 0;  // and no handle helps
  auto script = executed_script(path, "/");
  script.root = event.root;
  mounts.kill_and_wait();
  const auto hashes = service();
  CHECK(hash_now(*hashes, event).miss == HashMiss::kGone);
  CHECK(hash_now(*hashes, script).miss == HashMiss::kGone);
}

TEST_CASE("files of an overlay are hashed as the container sees them") {
  const TempDir dir;
  dir.write("lower/untouched", "lower content");
  dir.write("lower/changed", "lower content");
  fs::create_directories(dir.file("scratch"));
  fs::create_directories(dir.file("merged"));
  const bool one_file_system = GENERATE(true, false);
  CAPTURE(one_file_system);
  const OwnMounts mounts([&] {
    const auto scratch = dir.file("scratch");
    if (!one_file_system && mount("tocsin-test", scratch.c_str(), "tmpfs", 0, "") != 0)
      return false;
    if (mkdir((scratch + "/upper").c_str(), 0755) != 0) return false;
    if (mkdir((scratch + "/work").c_str(), 0755) != 0) return false;
    const auto options = fmt::format("lowerdir={},upperdir={}/upper,workdir={}/work",
                                     dir.file("lower"), scratch, scratch);
    if (mount("tocsin-test", dir.file("merged").c_str(), "overlay", 0, options.c_str()) != 0)
      return false;
    dir.write("merged/changed", "upper content");
    return true;
  });
  if (!permitted(mounts)) return;
  let_clock_tick();
  const auto hashes = service();
  for (const auto* name : {"untouched", "changed"}) {
    const auto event = executed_inside(mounts, dir.file("merged") + "/" + name);
    CHECK(event.file.fs_magic == fs_magic::kOverlay);
    const auto result = hash_now(*hashes, event);
    INFO(result.detail);
    REQUIRE(result.digests);
    CHECK(result.digests->sha256.hex() ==
          sha256sum(fmt::format("/proc/{}/root{}", mounts.pid(), event.path)));
    CHECK(result.doubt.empty());
    CHECK(hashes->submit(event).result->cached);
    // Overlay device numbers come back: another namespace has to read for itself.
    auto elsewhere = event;
    ++elsewhere.root.mnt_ns_id;
    CHECK_FALSE(hash_now(*hashes, elsewhere).cached);
  }
  // Behind the overlay's back, which goes on with the size and times that it knows.
  const auto event = executed_inside(mounts, dir.file("merged") + "/untouched");
  const auto before = hash_now(*hashes, event);
  dir.write("lower/untouched", "LOWER CONTENT");
  const auto after = hash_now(*hashes, event);
  CHECK_FALSE(after.cached);
  CHECK((!after.digests || after.digests->sha256 != before.digests->sha256));
}

TEST_CASE("a file system that never answers holds up nobody") {
  const TempDir dir;
  fs::create_directories(dir.file("mute"));
  const auto local = dir.write("program", "content");
  const auto second = dir.write("second", "more content");
  const OwnMounts mounts([&] { return mount_mute_fuse(dir.file("mute")); });
  if (!permitted(mounts)) return;
  let_clock_tick();

  HashServiceOptions options;
  options.lane.stuck_ns = 100'000'000;
  options.lane.stop_wait_ms = 200;
  auto hashes = service(options);
  // Who waited for this file system would wait for ever; a sanitizer takes a second.
  const auto soon = [](auto&& action) {
    const auto start = std::chrono::steady_clock::now();
    action();
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(10));
  };

  soon([&] {
    const auto event = executed_on_fuse(mounts, dir.file("mute") + "/program");
    REQUIRE_FALSE(hashes->submit(event).result);
    auto script = executed_script(dir.file("mute") + "/script", "/");
    script.root = root_of_process(mounts.pid());
    script.process = process_id(mounts.pid());
    REQUIRE_FALSE(hashes->submit(script).result);
  });
  // Local files have a thread of their own.
  CHECK(hash_now(*hashes, executed(local)).digests->sha256.hex() == sha256sum(local));
  // Others behind the hanging ones wait until the thread is given up.
  auto doubtful = executed(second);
  doubtful.file.fs_magic = fs_magic::kOverlay;
  const auto ticket = hashes->submit(doubtful).ticket;
  REQUIRE(ticket != 0);
  Answered answered;
  for (int i = 0; i < 100 && answered.order.empty(); ++i) {
    hashes->maintain();
    answered = wait_for(*hashes, 1, 50);
  }
  REQUIRE(answered.results.contains(ticket));
  CHECK(answered.results.at(ticket).digests->sha256.hex() == sha256sum(second));
  CHECK(hashes->counters().threads_left_behind >= 1);
  soon([&] { hashes.reset(); });
}
