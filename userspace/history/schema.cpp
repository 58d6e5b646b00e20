// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "history/schema.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <array>
#include <charconv>
#include <chrono>

namespace tocsin {
namespace {

constexpr std::int64_t kApplicationId = 0x746f6373;  // "tocs"
constexpr std::int64_t kVersion = 1;

constexpr const char* kSeenTables = R"(
CREATE TABLE who(
  id INTEGER PRIMARY KEY,
  digest BLOB NOT NULL UNIQUE,
  facts TEXT NOT NULL);
CREATE TABLE content(
  sha256 BLOB NOT NULL PRIMARY KEY,
  sha1 BLOB,
  md5 BLOB,
  size INTEGER,
  path TEXT) WITHOUT ROWID;
CREATE INDEX content_by_sha1 ON content(sha1) WHERE sha1 IS NOT NULL;
CREATE INDEX content_by_md5 ON content(md5) WHERE md5 IS NOT NULL;
CREATE TABLE seen(
  kind INTEGER NOT NULL,
  value BLOB NOT NULL,
  subject BLOB NOT NULL,
  container TEXT NOT NULL,
  first_ns INTEGER NOT NULL,
  last_ns INTEGER NOT NULL,
  count INTEGER NOT NULL,
  days INTEGER NOT NULL,
  flags INTEGER NOT NULL,
  first_who INTEGER, last_who INTEGER,
  first_pid INTEGER, first_start INTEGER,
  last_pid INTEGER, last_start INTEGER,
  PRIMARY KEY(kind, value, subject, container)) WITHOUT ROWID;
CREATE TABLE run(
  id INTEGER PRIMARY KEY,
  boot_id TEXT NOT NULL,
  version TEXT NOT NULL,
  kernel TEXT NOT NULL,
  started_ns INTEGER NOT NULL,
  alive_ns INTEGER NOT NULL,
  stopped_ns INTEGER,
  hooks TEXT NOT NULL);
CREATE TABLE lost(
  minute INTEGER NOT NULL, stage TEXT NOT NULL, count INTEGER NOT NULL,
  PRIMARY KEY(minute, stage)) WITHOUT ROWID;
CREATE TABLE hashed(
  minute INTEGER NOT NULL, outcome TEXT NOT NULL, count INTEGER NOT NULL,
  PRIMARY KEY(minute, outcome)) WITHOUT ROWID;
CREATE TABLE blind(
  from_ns INTEGER NOT NULL, to_ns INTEGER NOT NULL, what TEXT NOT NULL);
CREATE TABLE reported(
  set_name TEXT NOT NULL, indicator TEXT NOT NULL, kind INTEGER NOT NULL, value BLOB NOT NULL,
  at_ns INTEGER NOT NULL,
  PRIMARY KEY(set_name, indicator, kind, value)) WITHOUT ROWID;
CREATE TABLE meta(name TEXT NOT NULL PRIMARY KEY, value) WITHOUT ROWID;
)";

constexpr const char* kDayTables = R"(
CREATE TABLE text(id INTEGER PRIMARY KEY, value BLOB NOT NULL UNIQUE);
CREATE TABLE event(
  time_ns INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  pid INTEGER, start_ns INTEGER,
  who INTEGER, content INTEGER, value INTEGER, name INTEGER,
  port INTEGER, protocol INTEGER, result INTEGER,
  bytes_out INTEGER, bytes_in INTEGER, duration_ns INTEGER);
)";

constexpr const char* kAlertTables = R"(
CREATE TABLE alert(
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  time_ns INTEGER NOT NULL,
  reported_ns INTEGER NOT NULL,
  severity INTEGER NOT NULL,
  json TEXT NOT NULL);
CREATE INDEX alert_by_time ON alert(reported_ns);
)";

constexpr std::array<const char*, 3> kTables = {kSeenTables, kDayTables, kAlertTables};

std::unexpected<Error> wrong_version(const Database& database, std::int64_t version) {
  return fail(ErrorCode::kUnsupported, fmt::format("{}: schema version {}, this tocsin knows {}",
                                                   database.path(), version, kVersion));
}

}  // namespace

Result<void> prepare_schema(Database& database, HistoryFile file) {
  TOCSIN_TRY(const auto tables, database.integer("SELECT count(*) FROM sqlite_master"));
  if (tables != 0) return check_schema(database, file);
  return database.run(
      fmt::format("BEGIN IMMEDIATE; PRAGMA application_id={}; {} "
                  "PRAGMA user_version={}; COMMIT",
                  kApplicationId, kTables[static_cast<std::size_t>(file)], kVersion));
}

Result<void> check_schema(Database& database, HistoryFile /*file*/) {
  TOCSIN_TRY(const auto application, database.integer("PRAGMA application_id"));
  if (application != kApplicationId)
    return fail(ErrorCode::kInvalidInput,
                fmt::format("{}: not a history file of tocsin", database.path()));
  TOCSIN_TRY(const auto version, database.integer("PRAGMA user_version"));
  if (version != kVersion) return wrong_version(database, version);
  return {};
}

std::string day_file_name(WallNs at) {
  const auto day = std::chrono::floor<std::chrono::days>(
      std::chrono::sys_time<std::chrono::nanoseconds>(std::chrono::nanoseconds(at)));
  const std::chrono::year_month_day date(day);
  return fmt::format("day-{:04}-{:02}-{:02}.db", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
}

std::optional<WallNs> day_of_file(std::string_view name) {
  if (name.size() != 17 || !name.starts_with("day-") || !name.ends_with(".db")) return std::nullopt;
  const auto number = [&](std::size_t at, std::size_t length) -> std::optional<unsigned> {
    unsigned value = 0;
    const auto* end = name.data() + at + length;
    const auto [stop, error] = std::from_chars(name.data() + at, end, value);
    if (error != std::errc() || stop != end) return std::nullopt;
    return value;
  };
  const auto year = number(4, 4), month = number(9, 2), day = number(12, 2);
  if (!year || !month || !day || name[8] != '-' || name[11] != '-') return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)),
                                         std::chrono::month(*month), std::chrono::day(*day)};
  if (!date.ok()) return std::nullopt;
  return std::chrono::nanoseconds(std::chrono::sys_days(date).time_since_epoch()).count();
}

}  // namespace tocsin
