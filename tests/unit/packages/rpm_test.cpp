// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "base/database.hpp"
#include "packages/package_database.hpp"
#include "packages/rpm_header.hpp"
#include "support/rpm_builder.hpp"
#include "support/temp_dir.hpp"
#include "support/test.hpp"

using namespace tocsin;
using namespace tocsin::test;

namespace {

const std::string kSha(64, 'a');

RpmHeaderBuilder bash() {
  RpmHeaderBuilder header;
  header.text(1000, "bash").text(1001, "5.2.15").text(1002, "3.el9").numbers32(1003, {1});
  header.numbers16(1030, {0040755, 0100755, 0100644, 0100644});
  header.texts(1035, {"", kSha, kSha, "no digest"});
  header.numbers32(1037, {0, 0, 1U << 6, 0});
  header.numbers32(1116, {0, 1, 1, 1});
  header.texts(1117, {"bin", "bash", "ghost", "odd"});
  header.texts(1118, {"/usr/", "/usr/bin/"});
  header.numbers32(5011, {8});
  return header;
}

Result<rpm::Header> read(const std::string& blob) {
  return rpm::read_header(std::as_bytes(std::span(blob)));
}

}  // namespace

TEST_CASE("an rpm header names the package and its files", "[packages][rpm]") {
  const auto header = read(bash().blob());
  REQUIRE(header);
  CHECK(header->name == "bash");
  CHECK(header->version == "1:5.2.15-3.el9");
  CHECK(header->digest == RecordKind::kSha256);
  REQUIRE(header->files.size() == 2);  // neither the folder nor the ghost
  CHECK(header->files[0].path == "/usr/bin/bash");
  CHECK(header->files[0].digest == std::vector<std::uint8_t>(32, 0xaa));
  CHECK(header->files[1].digest.empty());
  CHECK(header->faults == 1);
}

TEST_CASE("a header that lies about its sizes is refused", "[packages][rpm]") {
  const auto blob = bash().blob();
  for (std::size_t size = 0; size < blob.size(); ++size) CHECK_FALSE(read(blob.substr(0, size)));
  std::string huge(16, '\xff');
  CHECK_FALSE(read(huge));
  // A count beyond the store: the tag is as good as absent.
  auto counted = blob;
  counted[8 + 16 * 4 + 12] = '\x7f';
  if (const auto header = read(counted)) CHECK(header->files.size() <= 4);
}

TEST_CASE("rpmdb.sqlite is read through SQLite", "[packages][rpm]") {
  const TempDir dir;
  std::filesystem::create_directories(dir / "var/lib/rpm");
  {
    auto db = Database::open(dir / "var/lib/rpm/rpmdb.sqlite", {.mode = Database::Mode::kCreate});
    REQUIRE(db);
    REQUIRE(db->run("CREATE TABLE Packages (hnum INTEGER PRIMARY KEY, blob BLOB NOT NULL)"));
    auto insert = db->prepare("INSERT INTO Packages (blob) VALUES (?)");
    REQUIRE(insert);
    const auto key = RpmHeaderBuilder().text(1000, "gpg-pubkey").text(1001, "1").blob();
    for (const auto& blob : {bash().blob(), key}) {
      insert->bind_blob(1, blob);
      REQUIRE(insert->run());
    }
  }
  const auto reading = read_packages(dir.path());
  REQUIRE(reading.databases.size() == 1);
  CHECK(reading.databases[0].error.empty());
  CHECK(reading.databases[0].packages == 1);
  FileDigests digests;
  digests.sha256.bytes.fill(0xaa);
  const auto owner = reading.index->owner_of("/usr/bin/bash");
  REQUIRE(owner);
  CHECK(to_string(owner->manager) == "rpm");
  CHECK(reading.index->intact(*owner, digests) == true);
}

TEST_CASE("older databases of rpm are named as not supported", "[packages][rpm]") {
  const TempDir dir;
  dir.write("var/lib/rpm/Packages", "some old format");
  const auto reading = read_packages(dir.path());
  REQUIRE(reading.databases.size() == 1);
  CHECK(reading.databases[0].error.starts_with("unsupported"));
  CHECK_FALSE(reading.complete());
}

TEST_CASE("a damaged rpm database leaves the answer open", "[packages][rpm]") {
  const TempDir dir;
  dir.write("usr/lib/sysimage/rpm/rpmdb.sqlite", std::string(8192, 'x'));
  const auto reading = read_packages(dir.path());
  REQUIRE(reading.databases.size() == 1);
  CHECK_FALSE(reading.databases[0].error.empty());
  CHECK_FALSE(reading.complete());
}
