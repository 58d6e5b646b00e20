// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "history/schema.hpp"

#include <filesystem>
#include <fstream>
#include <string>

#include "temp_dir.hpp"
#include "test.hpp"

using namespace tocsin;
using namespace tocsin::test;

namespace {

Database create(const std::string& path, HistoryFile file) {
  auto database = Database::open(path, {.mode = Database::Mode::kCreate});
  REQUIRE(database);
  REQUIRE(prepare_schema(*database, file));
  return std::move(*database);
}

}  // namespace

TEST_CASE("every history file is created once and recognised again", "[history]") {
  const TempDir dir;
  for (const auto file : {HistoryFile::kSeen, HistoryFile::kDay, HistoryFile::kAlerts}) {
    const std::string path = dir / std::to_string(static_cast<int>(file));
    create(path, file);
    auto again = create(path, file);
    CHECK(check_schema(again, file));
  }
}

TEST_CASE("a newer version and a foreign file are refused and left alone", "[history]") {
  const TempDir dir;
  const std::string newer = dir / "newer.db";
  {
    auto database = create(newer, HistoryFile::kSeen);
    REQUIRE(database.run("PRAGMA user_version=2"));
  }
  auto database = Database::open(newer, {.mode = Database::Mode::kCreate});
  REQUIRE(database);
  const auto refused = prepare_schema(*database, HistoryFile::kSeen);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message.find("schema version 2") != std::string::npos);

  const std::string foreign = dir / "foreign.db";
  auto other = Database::open(foreign, {.mode = Database::Mode::kCreate});
  REQUIRE(other);
  REQUIRE(other->run("CREATE TABLE mine(x)"));
  const auto not_ours = prepare_schema(*other, HistoryFile::kSeen);
  REQUIRE_FALSE(not_ours);
  CHECK(not_ours.error().message.find("not a history file") != std::string::npos);
  CHECK(*other->integer("SELECT count(*) FROM sqlite_master") == 1);

  const std::string garbage = dir / "garbage.db";
  std::ofstream(garbage) << std::string(8192, 'x');
  const auto broken = Database::open(garbage, {});
  REQUIRE_FALSE(broken);
  CHECK(broken.error().code == ErrorCode::kInvalidInput);
  const auto missing = Database::open(dir / "nothing.db", {});
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == ErrorCode::kNotFound);
}

TEST_CASE("a read-only connection sees what was committed and changes nothing", "[history]") {
  const TempDir dir;
  const std::string path = dir / "odd?name#%.db";
  auto writer = create(path, HistoryFile::kSeen);
  REQUIRE(writer.run("INSERT INTO meta VALUES('a', 7)"));
  auto reader = Database::open(path, {});
  REQUIRE(reader);
  CHECK(*reader->integer("SELECT value FROM meta WHERE name='a'") == 7);
  const auto refused = reader->run("DELETE FROM meta");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::kPermission);
}

TEST_CASE("day files are named by the day they hold", "[history]") {
  constexpr WallNs kSecond = 1'000'000'000;
  CHECK(day_file_name(0) == "day-1970-01-01.db");
  CHECK(day_file_name(1'795'651'199 * kSecond) == "day-2026-11-25.db");
  CHECK(day_file_name(1'795'651'200 * kSecond) == "day-2026-11-26.db");
  CHECK(day_of_file("day-2026-11-26.db") == 1'795'651'200 * kSecond);
  for (const auto* odd : {"day-2026-13-01.db", "day-2026-02-30.db", "day-2026-1-01x.db", "seen.db",
                          "day-+026-11-26.db", "day-2026-11-26.db-wal"})
    CHECK_FALSE(day_of_file(odd));
}
