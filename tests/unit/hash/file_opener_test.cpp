// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "hash/file_opener.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>

#include "hash/file_handle.hpp"
#include "hash/file_identity_check.hpp"
#include "support/hash_fixture.hpp"
#include "support/temp_dir.hpp"
#include "support/test.hpp"

using namespace tocsin;
using namespace tocsin::test;
namespace fs = std::filesystem;

namespace {

// As HashService does it: what could not be found at once is found by waiting.
FoundFile find(const HashRequest& request,
               FileOpener::CachedLookup lookup = FileOpener::CachedLookup::kProbe) {
  RootCache roots;
  FileOpener opener(roots, lookup);
  auto found = opener.find(request);
  if (found.later_root == nullptr) return found;
  return find_by_path(request, *found.later_root, found.later_path);
}

std::uint64_t inode_of(const Fd& fd) {
  const auto stat = stat_fd(fd.get(), StatSync::kFull);
  REQUIRE(stat);
  return stat->file.ino;
}

std::string sleeper(const TempDir& dir) {
  const auto path = dir.file("sleeper");
  fs::copy_file("/bin/sleep", path, fs::copy_options::overwrite_existing);
  return path;
}

}  // namespace

TEST_CASE("a living process leads to its file, also when the path leads elsewhere") {
  const TempDir dir;
  const auto path = sleeper(dir);
  auto request = executed(path);
  const Running running(path, {"60"});
  request.process = process_id(running.pid());
  bool name_removed = false;
  SECTION("path unknown") {
    request.path.clear();
  }
  SECTION("path stands") {}
  SECTION("another file was renamed over it") {
    fs::rename(dir.write("other", "#!/bin/sh\n"), path);
    name_removed = true;
  }
  SECTION("it was removed") {
    name_removed = fs::remove(path);
  }
  const auto found = find(request);
  REQUIRE(found.fd);
  CHECK(found.rung == HashRung::kProcExe);
  CHECK(inode_of(found.fd) == request.file.ino);
  CHECK(found.unlinked_since == name_removed);
}

TEST_CASE("a process that runs something else by now does not mislead") {
  const TempDir dir;
  const auto path = dir.write("program", "content");
  auto request = executed(path);
  const Running other("/bin/sleep", {"60"});
  request.process = process_id(other.pid());
  const auto found = find(request);
  REQUIRE(found.fd);
  CHECK(found.rung == HashRung::kRootPath);
  CHECK(inode_of(found.fd) == request.file.ino);
}

TEST_CASE("a memfd is reached through its process only") {
  const int fd = memfd_create("payload", MFD_CLOEXEC);
  const auto bytes = read_text("/bin/sleep");
  REQUIRE(write(fd, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
  const auto link = "/proc/" + std::to_string(getpid()) + "/fd/" + std::to_string(fd);
  auto request = executed(link);
  request.path = "/memfd:payload";
  request.memfd = request.unlinked = true;
  {
    const Running running(link, {"60"});
    request.process = process_id(running.pid());
    const auto found = find(request);
    REQUIRE(found.fd);
    CHECK(found.rung == HashRung::kProcExe);
    CHECK_FALSE(found.unlinked_since);
  }
  close(fd);
  const auto gone = find(request);
  CHECK_FALSE(gone.fd);
  CHECK(gone.miss == HashMiss::kGone);
}

TEST_CASE("without its process a file is found by its path and verified") {
  const auto lookup = GENERATE(FileOpener::CachedLookup::kProbe, FileOpener::CachedLookup::kAbsent);
  const TempDir dir;
  const auto path = dir.write("program", "content");
  const auto request = executed(path);
  SECTION("it stands there") {
    const auto found = find(request, lookup);
    REQUIRE(found.fd);
    CHECK(found.rung == HashRung::kRootPath);
  }
  SECTION("replaced, renamed over, or another kind of thing: never opened as the file") {
    let_clock_tick();
    SECTION("content") {
      dir.write("program", "CONTENT");
    }
    SECTION("rename") {
      fs::rename(dir.write("new", "content"), path);
    }
    SECTION("pipe") {
      fs::remove(path);
      REQUIRE(mkfifo(path.c_str(), 0600) == 0);
    }
    SECTION("device") {
      fs::remove(path);
      fs::create_symlink("/dev/zero", path);
    }
    const auto start = std::chrono::steady_clock::now();
    const auto found = find(request, lookup);
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(10));
    CHECK_FALSE(found.fd);
    CHECK(found.miss == HashMiss::kReplaced);
    INFO(found.detail);
    CHECK(found.detail.find("another file stands there") != std::string::npos);
  }
  SECTION("removed") {
    fs::remove(path);
    const auto found = find(request, lookup);
    CHECK(found.miss == HashMiss::kGone);
    CHECK(found.detail.find(path) != std::string::npos);
  }
  SECTION("renamed with its folder away: its handle still works") {
    // Renaming the folder does not touch the file.
    const auto below = dir.write("folder/program", "content");
    const auto moved = executed(below);
    fs::rename(dir.file("folder"), dir.file("elsewhere"));
    const auto found = find(moved, lookup);
    if (!has_file_handle(moved.file) || geteuid() != 0) {
      WARN("no file handles here: not root, or not on ext4, xfs or tmpfs");
    } else {
      REQUIRE(found.fd);
      CHECK(found.rung == HashRung::kFileHandle);
      CHECK(inode_of(found.fd) == moved.file.ino);
    }
  }
}

TEST_CASE("a handle of another generation does not open the inode's next file") {
  const TempDir dir;
  auto request = executed(dir.write("program", "content"));
  if (!has_file_handle(request.file) || request.file.generation == 0 || geteuid() != 0) {
    WARN("no file handles here: not root, or not on ext4, xfs or tmpfs");
    return;
  }
  const Fd folder(open(dir.path().c_str(), O_RDONLY | O_DIRECTORY));
  CHECK(open_by_handle(folder.get(), request.file));
  request.file.generation ^= 1;
  CHECK_FALSE(open_by_handle(folder.get(), request.file));
  CHECK(errno == ESTALE);
}

TEST_CASE("an unknown mount namespace is a miss, never a look into our own") {
  const TempDir dir;
  auto request = executed(dir.write("program", "content"));
  request.root.mnt_ns ^= 1;
  request.file.fs_magic = 0;  // no handle
  const auto found = find(request);
  CHECK_FALSE(found.fd);
  CHECK(found.detail.find("mount namespace") != std::string::npos);
}

TEST_CASE("links inside a root stay inside it") {
  const TempDir dir;
  const auto outside = dir.write("outside/secret", "outside");
  dir.write("root/inside/program", "inside");
  const fs::path root = dir.file("root");
  fs::create_symlink(outside, root / "absolute");
  fs::create_symlink("../outside/secret", root / "upward");
  fs::create_symlink("/inside/program", root / "fine");
  fs::create_symlink("/proc/self/root" + outside, root / "magic");
  const Fd root_fd(open(root.c_str(), O_PATH | O_DIRECTORY));

  auto request = executed(outside);
  for (const auto* path : {"/absolute", "/upward", "/magic", "/../outside/secret"}) {
    CAPTURE(path);
    CHECK_FALSE(find_by_path(request, root_fd, path).fd);
  }
  request = executed((root / "inside/program").string());
  const auto found = find_by_path(request, root_fd, "/fine");
  REQUIRE(found.fd);
  CHECK(inode_of(found.fd) == request.file.ino);
}

TEST_CASE("no link of /proc leads out of a path") {
  const TempDir dir;
  const auto path = dir.write("program", "content");
  auto request = executed_script("/proc/self/cwd/program", dir.path().string());
  CHECK(find(request).miss == HashMiss::kUnreadable);
}

TEST_CASE("a script is found by the name given to execve") {
  const TempDir dir;
  const auto path = dir.write("bin/script", "#!/bin/sh\n");
  let_clock_tick();
  const auto expected = identity_of(path).ino;
  for (const auto& request :
       {executed_script(path, "/"), executed_script("bin/script", dir.path().string()),
        executed_script("../bin/./script", dir.file("bin"))}) {
    const auto found = find(request);
    REQUIRE(found.fd);
    CHECK(found.rung == HashRung::kScriptPath);
    CHECK(inode_of(found.fd) == expected);
  }
  CHECK(find(executed_script("script", "")).miss == HashMiss::kUnknownFile);
  CHECK(find(executed_script("absent", dir.path().string())).miss == HashMiss::kGone);
}

TEST_CASE("a script changed after the execution is not believed") {
  const TempDir dir;
  const auto path = dir.write("script", "#!/bin/sh\n");
  const auto request = executed_script(path, "/");
  let_clock_tick();
  auto expected = HashMiss::kReplaced;
  SECTION("written") {
    dir.write("script", "#!/bin/sk\n");
  }
  SECTION("renamed over by an old file") {
    fs::rename(dir.write("old", "#!/bin/sh\n"), path);
  }
  SECTION("a pipe in its place") {
    fs::remove(path);
    REQUIRE(mkfifo(path.c_str(), 0600) == 0);
    expected = HashMiss::kNotRegular;
  }
  const auto found = find(request);
  CHECK_FALSE(found.fd);
  CHECK(found.miss == expected);
}
