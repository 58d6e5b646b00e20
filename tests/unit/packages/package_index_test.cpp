// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "packages/package_index.hpp"

#include <fmt/format.h>

#include "packages/package_database.hpp"
#include "packages/package_limits.hpp"
#include "support/temp_dir.hpp"
#include "support/test.hpp"

using namespace tocsin;
using namespace tocsin::test;
namespace fs = std::filesystem;

namespace {

Md5 md5_of(std::uint8_t byte) {
  Md5 out;
  out.bytes.fill(byte);
  return out;
}

FileDigests digests(std::optional<Md5> md5) {
  return {Sha256{}, std::nullopt, md5};
}

void begin(PackageIndexBuilder& builder, std::string_view name, RecordKind kind) {
  REQUIRE(builder.begin_package(
      {.name = name, .version = "1.0-1", .manager = PackageManager::kDpkg, .digest = kind}));
}

}  // namespace

TEST_CASE("a path leads to the package that brought it", "[packages]") {
  PackageIndexBuilder builder;
  begin(builder, "one", RecordKind::kMd5);
  builder.add_file("/usr/bin/one", md5_of(1).bytes);
  begin(builder, "two", RecordKind::kMd5);
  builder.add_file("/usr/bin/two", {});
  const auto index = std::move(builder).finish();
  const auto one = index->owner_of("/usr/bin/one");
  REQUIRE(one);
  CHECK(one->name == "one");
  CHECK(one->version == "1.0-1");
  CHECK(to_string(one->manager) == "dpkg");
  CHECK(index->owner_of("/usr/bin/two")->name == "two");
  CHECK_FALSE(index->owner_of("/usr/bin/three"));
  CHECK_FALSE(index->owner_of("/usr/bin"));
  CHECK_FALSE(index->owner_of(""));
}

TEST_CASE("content is intact, changed, or unknown: never guessed", "[packages]") {
  PackageIndexBuilder builder;
  begin(builder, "p", RecordKind::kMd5);
  builder.add_file("/recorded", md5_of(1).bytes);
  builder.add_file("/bare", {});
  const auto index = std::move(builder).finish();
  const auto recorded = *index->owner_of("/recorded");
  CHECK(index->intact(recorded, digests(md5_of(1))) == true);
  CHECK(index->intact(recorded, digests(md5_of(2))) == false);
  CHECK(index->intact(recorded, digests(std::nullopt)) == std::nullopt);
  const auto bare = *index->owner_of("/bare");
  CHECK(bare.digest == RecordKind::kNone);
  CHECK(index->intact(bare, digests(md5_of(1))) == std::nullopt);
}

TEST_CASE("of two packages with one path the one that records content counts", "[packages]") {
  PackageIndexBuilder builder;
  begin(builder, "bare", RecordKind::kMd5);
  builder.add_file("/shared", {});
  begin(builder, "recording", RecordKind::kMd5);
  builder.add_file("/shared", md5_of(7).bytes);
  begin(builder, "later", RecordKind::kMd5);
  builder.add_file("/shared", md5_of(8).bytes);
  const auto index = std::move(builder).finish();
  CHECK(index->files() == 1);
  CHECK(index->owner_of("/shared")->name == "recording");
}

TEST_CASE("beyond the limits files are left out and counted", "[packages]") {
  PackageIndexBuilder builder;
  for (std::size_t i = 0; i < limits::kPackagesMax; ++i)
    REQUIRE(builder.begin_package({.name = "p", .version = "1"}));
  CHECK_FALSE(builder.begin_package({.name = "q", .version = "1"}));
  builder.add_file("/of/q", {});
  CHECK(builder.left_out() == 1);
  CHECK_FALSE(std::move(builder).finish()->owner_of("/of/q"));
}

TEST_CASE("sixteen bytes a file", "[packages]") {
  PackageIndexBuilder builder;
  begin(builder, "p", RecordKind::kSha256);
  for (int i = 0; i < 10'000; ++i) builder.add_file(fmt::format("/file/{}", i), {});
  const auto index = std::move(builder).finish();
  CHECK(index->files() == 10'000);
  CHECK(index->bytes() < 10'000 * 16 + 256);
}

TEST_CASE("a path through a link of the root or of usr is the true one", "[packages]") {
  const TempDir dir;
  fs::create_directories(dir / "usr/bin");
  fs::create_directories(dir / "usr/lib");
  fs::create_directory_symlink("usr/lib", dir / "lib");
  fs::create_directory_symlink("usr/sbin", dir / "sbin");
  fs::create_directory_symlink("bin", dir / "usr/sbin");
  fs::create_directory_symlink("/usr/lib", dir / "usr/lib64");
  const auto aliases = RootAliases::of(dir.path());
  CHECK(aliases.true_path("/lib/x.so") == "/usr/lib/x.so");
  CHECK(aliases.true_path("/usr/sbin/cron") == "/usr/bin/cron");
  CHECK(aliases.true_path("/sbin/cron") == "/usr/bin/cron");
  CHECK(aliases.true_path("/usr/lib64/y.so") == "/usr/lib/y.so");
  CHECK(aliases.true_path("/library/x") == "/library/x");
}
