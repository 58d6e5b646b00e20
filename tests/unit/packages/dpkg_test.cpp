// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "packages/dpkg_format.hpp"
#include "packages/package_database.hpp"
#include "support/temp_dir.hpp"
#include "support/test.hpp"

using namespace tocsin;
using namespace tocsin::test;

namespace {

constexpr const char* kStatus =
    "Package: tool\nStatus: install ok installed\nArchitecture: amd64\nVersion: 2.1-3\n"
    "Description: one\n of several\n lines\nConffiles:\n"
    " /etc/tool.conf 11111111111111111111111111111111\n"
    " /etc/tool.new newconffile\n"
    "\n"
    "Package: libx\nStatus: install ok installed\nMulti-Arch: same\nArchitecture: amd64\n"
    "Version: 1:5.0\n"
    "\n"
    "Package: gone\nStatus: deinstall ok config-files\nArchitecture: amd64\nVersion: 9\n";

constexpr const char* kList =
    "/.\n/bin\n/bin/tool\n/etc\n/etc/tool.conf\n/usr\n/usr/share\n"
    "/usr/share/tool\n/usr/share/tool/data\n/usr/share/toolbox\n";

// The folder of a host that was merged into /usr.
struct Host {
  TempDir dir;
  Host() {
    std::filesystem::create_directories(dir / "usr/bin");
    std::filesystem::create_directory_symlink("usr/bin", dir / "bin");
    dir.write("var/lib/dpkg/status", kStatus);
    dir.write("var/lib/dpkg/info/tool.list", kList);
    dir.write("var/lib/dpkg/info/tool.md5sums",
              "22222222222222222222222222222222  bin/tool\n"
              "33333333333333333333333333333333  usr/share/tool/data\n");
    dir.write("var/lib/dpkg/info/libx:amd64.list", "/usr/lib\n/usr/lib/libx.so.5\n");
  }
  PackageReading read() const { return read_packages(dir.path()); }
};

FileDigests with_md5(char digit) {
  return {Sha256{}, std::nullopt, Md5::parse(std::string(32, digit))};
}

}  // namespace

TEST_CASE("dpkg's files say who owns what, by its true path", "[packages][dpkg]") {
  const Host host;
  const auto reading = host.read();
  REQUIRE(reading.databases.size() == 1);
  CHECK(reading.databases[0].packages == 2);
  CHECK(reading.databases[0].faults == 0);
  CHECK(reading.complete());
  const auto& index = *reading.index;
  const auto tool = index.owner_of("/usr/bin/tool");
  REQUIRE(tool);
  CHECK(tool->name == "tool");
  CHECK(tool->version == "2.1-3");
  CHECK(index.intact(*tool, with_md5('2')) == true);
  CHECK(index.intact(*tool, with_md5('9')) == false);
  CHECK_FALSE(index.owner_of("/bin/tool"));  // the kernel never says so
  CHECK(index.owner_of("/usr/lib/libx.so.5")->version == "1:5.0");
}

TEST_CASE("dpkg: configuration is compared with its own record", "[packages][dpkg]") {
  const auto reading = Host().read();
  const auto conf = reading.index->owner_of("/etc/tool.conf");
  REQUIRE(conf);
  CHECK(reading.index->intact(*conf, with_md5('1')) == true);
}

TEST_CASE("dpkg: folders own nothing", "[packages][dpkg]") {
  const auto reading = Host().read();
  for (const auto* folder : {"/usr", "/usr/share", "/usr/share/tool", "/etc", "/usr/lib"})
    CHECK_FALSE(reading.index->owner_of(folder));
  CHECK(reading.index->owner_of("/usr/share/toolbox"));
}

TEST_CASE("dpkg: a diverted file belongs to who diverted it", "[packages][dpkg]") {
  Host host;
  host.dir.write("var/lib/dpkg/diversions", "/bin/tool\n/bin/tool.real\nlibx\n");
  host.dir.write("var/lib/dpkg/info/libx:amd64.list", "/bin/tool\n");
  const auto reading = host.read();
  CHECK(reading.index->owner_of("/usr/bin/tool")->name == "libx");
  CHECK(reading.index->owner_of("/usr/bin/tool.real")->name == "tool");
}

TEST_CASE("dpkg: a package whose list is missing leaves the answer open", "[packages][dpkg]") {
  Host host;
  std::filesystem::remove(host.dir / "var/lib/dpkg/info/tool.list");
  const auto reading = host.read();
  CHECK_FALSE(reading.complete());
  CHECK(reading.databases[0].error.find("tool.list") != std::string::npos);
  CHECK(reading.index->owner_of("/usr/lib/libx.so.5"));
}

TEST_CASE("dpkg: lines that make no sense are counted", "[packages][dpkg]") {
  dpkg::Md5Sums sums;
  CHECK(dpkg::read_md5sums("zz\n22222222222222222222222222222222\n\n"
                           "22222222222222222222222222222222  a b\n",
                           sums) == 2);
  CHECK(sums.size() == 1);
  CHECK(sums.contains("a b"));
  CHECK(dpkg::read_status("Version: 1\n\nPackage: a\n", [](const auto&) {}) == 1);
  CHECK(dpkg::read_diversions("/a\n/b\n").empty());
}

TEST_CASE("dpkg: a name cannot lead out of the folder", "[packages][dpkg]") {
  Host host;
  host.dir.write("stolen.list", "/stolen\n");
  host.dir.write("var/lib/dpkg/status",
                 "Package: ../../../../stolen\nStatus: install ok installed\nVersion: 1\n");
  CHECK_FALSE(host.read().index->owner_of("/stolen"));
}

TEST_CASE("a host without a database: nothing is said about any path", "[packages]") {
  const TempDir dir;
  const auto reading = read_packages(dir.path());
  CHECK(reading.databases.empty());
  CHECK_FALSE(reading.complete());
}
