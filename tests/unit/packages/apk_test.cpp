// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "packages/apk_format.hpp"
#include "packages/package_database.hpp"
#include "support/temp_dir.hpp"
#include "support/test.hpp"

using namespace tocsin;
using namespace tocsin::test;

namespace {

// SHA-1 and SHA-256 of "abc", as apk writes them.
constexpr const char* kInstalled =
    "C:Q1AAAAAAAAAAAAAAAAAAAAAAAAAAA=\nP:busybox\nV:1.36.1-r5\nA:x86_64\n"
    "F:bin\nR:busybox\na:0:0:755\nZ:Q1qZk+NkcGgWq6PiVxeFDCbJzQ2J0=\nF:\nR:top\n"
    "\n"
    "P:musl\nV:1.2.4-r2\nF:lib\nR:ld-musl-x86_64.so.1\n"
    "Z:Q2ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=\n";

FileDigests abc() {
  return {*Sha256::parse("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
          Sha1::parse("a9993e364706816aba3e25717850c26c9cd0d89d"), std::nullopt};
}

}  // namespace

TEST_CASE("apk's database says who owns what and what it should contain", "[packages][apk]") {
  const TempDir dir;
  dir.write("lib/apk/db/installed", kInstalled);
  const auto reading = read_packages(dir.path());
  REQUIRE(reading.databases.size() == 1);
  CHECK(reading.databases[0].manager == PackageManager::kApk);
  CHECK(reading.databases[0].files == 3);
  CHECK(reading.complete());
  const auto& index = *reading.index;
  const auto busybox = index.owner_of("/bin/busybox");
  REQUIRE(busybox);
  CHECK(busybox->version == "1.36.1-r5");
  CHECK(busybox->digest == RecordKind::kSha1);
  CHECK(index.intact(*busybox, abc()) == true);
  auto other = abc();
  other.sha1->bytes[0] ^= 1;
  CHECK(index.intact(*busybox, other) == false);
  const auto musl = index.owner_of("/lib/ld-musl-x86_64.so.1");
  REQUIRE(musl);
  CHECK(musl->digest == RecordKind::kSha256);
  CHECK(index.intact(*musl, abc()) == true);
  CHECK(index.owner_of("/top")->name == "busybox");
  CHECK(index.intact(*index.owner_of("/top"), abc()) == std::nullopt);
}

TEST_CASE("apk: what cannot be read is counted, the rest stays", "[packages][apk]") {
  std::size_t files = 0;
  const auto faults = apk::read_installed(
      "V:1\n\nP:a\nV:1\nZ:Q1qZk+NkcGgWq6PiVxeFDCbJzQ2J0=\nF:x\nR:y\nZ:Q1short\nR:z\nZ:Q9xx\n",
      {.package = [](const apk::Package& p) { CHECK(p.name == "a"); },
       .file =
           [&](const apk::File& file) {
             ++files;
             CHECK(file.digest.empty());
           }});
  CHECK(faults == 4);
  CHECK(files == 2);
}
