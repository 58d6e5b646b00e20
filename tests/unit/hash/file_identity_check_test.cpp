// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "hash/file_identity_check.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <filesystem>

#include "base/fd.hpp"
#include "hash/file_systems.hpp"
#include "support/hash_fixture.hpp"
#include "support/temp_dir.hpp"
#include "support/test.hpp"

using namespace tocsin;
using namespace tocsin::test;

namespace {

FileStat stat_of(const std::string& path) {
  const Fd fd(open(path.c_str(), O_PATH));
  auto stat = stat_fd(fd.get(), StatSync::kCached);
  REQUIRE(stat);
  return *stat;
}

IdentityVerdict verdict(const FileIdentity& event, const std::string& path) {
  return check_identity(event, stat_of(path)).verdict;
}

}  // namespace

TEST_CASE("device numbers are compared in the kernel's encoding") {
  CHECK(kernel_dev(8, 1) == 0x800001);
  CHECK(kernel_dev(259, 0xabcde) == (259u << 20 | 0xabcde));
  CHECK(same_device(8u << 20 | 1, makedev(8, 1)));
  CHECK(same_device(259u << 20 | 300, makedev(259, 300)));  // minor above 255
  CHECK_FALSE(same_device(8u << 20 | 1, makedev(8, 2)));
  CHECK_FALSE(same_device(8u << 20 | 1, makedev(9, 1)));
}

TEST_CASE("the same unchanged file is the same") {
  const TempDir dir;
  const auto path = dir.write("file", "content");
  const auto event = identity_of(path);
  CHECK(verdict(event, path) == IdentityVerdict::kSame);
  // Through another name of it, too: the event's own link count was 2 then.
  std::filesystem::create_hard_link(path, dir.file("second"));
  const auto later = identity_of(path);
  CHECK(verdict(later, dir.file("second")) == IdentityVerdict::kSame);
}

TEST_CASE("whatever happened to the file since makes it another one") {
  const TempDir dir;
  const auto path = dir.write("file", "content");
  const auto event = identity_of(path);
  let_clock_tick();
  SECTION("other content written in place, same size") {
    dir.write("file", "CONTENT");
  }
  SECTION("another file renamed over it") {
    std::filesystem::rename(dir.write("new", "content"), path);
  }
  SECTION("touched") {
    REQUIRE(utimensat(AT_FDCWD, path.c_str(), nullptr, 0) == 0);
  }
  SECTION("other content, and the modification time put back") {
    dir.write("file", "CONTENT");
    const timespec times[2] = {{0, UTIME_OMIT},
                               {event.mtime_ns / kNsPerSecond, event.mtime_ns % kNsPerSecond}};
    REQUIRE(utimensat(AT_FDCWD, path.c_str(), times, 0) == 0);
    REQUIRE(stat_of(path).file.mtime_ns == event.mtime_ns);
  }
  SECTION("grown") {
    REQUIRE(truncate(path.c_str(), 100) == 0);
  }
  SECTION("mode changed") {
    REQUIRE(chmod(path.c_str(), 0711) == 0);
  }
  CHECK(verdict(event, path) == IdentityVerdict::kDifferent);
}

TEST_CASE("a name removed since is told from a change") {
  const TempDir dir;
  const auto path = dir.write("file", "content");
  const auto event = identity_of(path);
  const Fd fd(open(path.c_str(), O_RDONLY));
  let_clock_tick();
  REQUIRE(unlink(path.c_str()) == 0);
  const auto now = stat_fd(fd.get(), StatSync::kFull);
  REQUIRE(now);
  CHECK(check_identity(event, *now).verdict == IdentityVerdict::kUnlinkedSince);
}

TEST_CASE("folders, pipes and devices are never the file") {
  const TempDir dir;
  REQUIRE(mkfifo(dir.file("fifo").c_str(), 0600) == 0);
  for (const auto& path : {dir.path().string(), dir.file("fifo"), std::string("/dev/null")}) {
    const auto event = identity_of(path);
    CHECK(verdict(event, path) == IdentityVerdict::kNotRegular);
  }
}

TEST_CASE("the device counts only where both sides mean the same") {
  const TempDir dir;
  const auto path = dir.write("file", "content");
  auto event = identity_of(path);
  event.dev ^= 1;
  CHECK(verdict(event, path) == IdentityVerdict::kDifferent);
  CHECK(check_identity(event, stat_of(path)).differs == "device");
  event.fs_magic = fs_magic::kBtrfs;
  CHECK(verdict(event, path) == IdentityVerdict::kSame);
  event.fs_magic = fs_magic::kOverlay;
  CHECK(verdict(event, path) == IdentityVerdict::kSame);
}

TEST_CASE("a change within a clock tick of a moment is seen as such") {
  FileIdentity file;
  file.ctime_ns = 1'000'000'000'000;
  CHECK(changed_around(file, file.ctime_ns));
  CHECK(changed_around(file, file.ctime_ns + kTickDoubtNs - 1));
  CHECK_FALSE(changed_around(file, file.ctime_ns + kTickDoubtNs));
  CHECK(changed_around(file, file.ctime_ns - kTickDoubtNs + 1));
  CHECK_FALSE(changed_around(file, file.ctime_ns - kTickDoubtNs));
}
