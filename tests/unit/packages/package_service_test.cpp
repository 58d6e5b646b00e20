// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "packages/package_service.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include "support/temp_dir.hpp"
#include "support/test.hpp"

using namespace tocsin;
using namespace tocsin::test;

namespace {

std::string paragraph(const std::string& name) {
  return "Package: " + name + "\nStatus: install ok installed\nVersion: 1\n\n";
}

struct Service {
  TempDir dir;
  EventLoop loop = std::move(*EventLoop::create());
  int readings = 0;
  std::unique_ptr<PackageService> service;

  Service() {
    dir.write("var/lib/dpkg/status", paragraph("one"));
    dir.write("var/lib/dpkg/info/one.list", "/one\n");
    dir.write("var/lib/dpkg/info/one.md5sums", "11111111111111111111111111111111  one\n");
    service = std::move(*PackageService::start(loop, {.root = dir.path(), .quiet_us = 20'000},
                                               [this] { ++readings; }));
  }
  bool wait_for(int count) {
    for (int i = 0; i < 1'000 && readings < count; ++i) (void)loop.run_once(5'000);
    return readings >= count;
  }
  // As dpkg does it: beside, then in its place.
  void replace_status(const std::string& text) {
    dir.write("var/lib/dpkg/status-new", text);
    std::filesystem::rename(dir / "var/lib/dpkg/status-new", dir / "var/lib/dpkg/status");
  }
};

FileDigests with_md5(char digit) {
  return {Sha256{}, std::nullopt, Md5::parse(std::string(32, digit))};
}

}  // namespace

TEST_CASE("packages are known once the databases are read", "[packages]") {
  Service s;
  CHECK_FALSE(s.service->owner_of("/one"));
  CHECK_FALSE(s.service->complete());
  REQUIRE(s.wait_for(1));
  CHECK(s.service->owner_of("/one")->name == "one");
  CHECK(s.service->complete());
}

TEST_CASE("databases that changed are read again", "[packages]") {
  Service s;
  REQUIRE(s.wait_for(1));
  s.dir.write("var/lib/dpkg/info/two.list", "/two\n");
  s.replace_status(paragraph("one") + paragraph("two"));
  REQUIRE(s.wait_for(2));
  CHECK(s.service->owner_of("/two")->name == "two");
}

TEST_CASE("nothing is called changed while the databases are", "[packages]") {
  Service s;
  REQUIRE(s.wait_for(1));
  const auto owner = *s.service->owner_of("/one");
  CHECK(s.service->intact(owner, with_md5('2')) == false);
  s.replace_status(paragraph("one"));
  (void)s.loop.run_once(5'000);  // the change is noticed
  CHECK(s.service->intact(owner, with_md5('2')) == std::nullopt);
  CHECK(s.service->intact(owner, with_md5('1')) == true);
  REQUIRE(s.wait_for(2));
  CHECK(s.service->intact(*s.service->owner_of("/one"), with_md5('2')) == false);
}

TEST_CASE("nothing is called changed while the package manager holds its lock", "[packages]") {
  Service s;
  REQUIRE(s.wait_for(1));
  const auto owner = *s.service->owner_of("/one");
  s.dir.write("var/lib/dpkg/lock", "");
  CHECK(s.service->intact(owner, with_md5('2')) == false);
  Fd held(::open((s.dir / "var/lib/dpkg/lock").c_str(), O_RDWR | O_CLOEXEC));
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  REQUIRE(::fcntl(held.get(), F_OFD_SETLK, &lock) == 0);  // as another process would
  CHECK(s.service->intact(owner, with_md5('2')) == std::nullopt);
  CHECK(s.service->intact(owner, with_md5('1')) == true);
  held.reset();
  CHECK(s.service->intact(owner, with_md5('2')) == false);
}

TEST_CASE("a file that stands at a package's path elsewhere is not the package's", "[packages]") {
  Service s;
  const auto path = s.dir.write("one", "content");
  struct stat now {};
  REQUIRE(::stat(path.c_str(), &now) == 0);
  FileIdentity file;
  file.ino = now.st_ino;
  file.size = static_cast<std::uint64_t>(now.st_size);
  file.ctime_ns = std::int64_t{now.st_ctim.tv_sec} * 1'000'000'000 + now.st_ctim.tv_nsec;
  CHECK(s.service->is_own_file("/one", file));
  ++file.ctime_ns;
  CHECK_FALSE(s.service->is_own_file("/one", file));
  CHECK_FALSE(s.service->is_own_file("/two", file));
}

TEST_CASE("only paths below the host's own root are spoken for", "[packages]") {
  const Service s;
  struct stat root {};
  REQUIRE(::stat(s.dir.path().c_str(), &root) == 0);
  RootIdentity other;
  other.root_ino = root.st_ino;
  other.root_dev = 0xffff'ffff;
  CHECK_FALSE(s.service->speaks_for(other));
  CHECK_FALSE(s.service->speaks_for({}));
}
