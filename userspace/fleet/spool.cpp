// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "fleet/spool.hpp"

#include <fmt/format.h>
#include <openssl/rand.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "base/text.hpp"
#include "fleet/fleet_limits.hpp"

namespace tocsin::fleet {
namespace {

namespace fs = std::filesystem;

constexpr const char* kTables = R"(
CREATE TABLE IF NOT EXISTS item(
  place INTEGER PRIMARY KEY AUTOINCREMENT,
  kind INTEGER NOT NULL, number INTEGER NOT NULL, data BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS item_by_kind ON item(kind, place);
CREATE TABLE IF NOT EXISTS told(place INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS mark(name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
)";

// In this order the kinds give way when there is no room.
constexpr std::array kGiveWay = {Kind::kDigest, Kind::kEvents, Kind::kBeat, Kind::kReply,
                                 Kind::kAlert};

std::size_t at(Kind kind) {
  return static_cast<std::size_t>(kind);
}

std::string seconds_text(WallNs time_ns) {
  return std::to_string(time_ns / kNsPerSecond);
}

std::string random_name() {
  std::array<std::uint8_t, 8> bytes{};
  RAND_bytes(bytes.data(), bytes.size());
  return to_hex(bytes);
}

// SQLite removes the log when it closes a file, also one that it could make nothing of. Under a
// second name what is in it stays.
std::string kept_log(const std::string& file) {
  return file + "-wal.kept";
}

void keep_log(const std::string& file) {
  std::error_code error;
  fs::remove(kept_log(file), error);
  fs::create_hard_link(file + "-wal", kept_log(file), error);  // mostly there is none
}

// The file and its log go aside under the first free name: what went aside before stays.
Result<std::string> set_aside(const std::string& file) {
  for (int i = 1; i <= limits::kSpoolsSetAsideMax; ++i) {
    const auto name = file + (i == 1 ? ".damaged" : fmt::format(".damaged{}", i));
    if (fs::exists(name)) continue;
    std::error_code error;
    fs::rename(file, name, error);
    if (error) return fail(ErrorCode::kIo, fmt::format("{}: {}", name, error.message()));
    fs::rename(kept_log(file), name + "-wal", error);
    fs::remove(file + "-wal", error);  // not into the new file
    fs::remove(file + "-shm", error);
    return name;
  }
  return fail(ErrorCode::kLimit, fmt::format("{}: {} damaged spools are there already: remove "
                                             "{}.damaged*",
                                             file, limits::kSpoolsSetAsideMax, file));
}

Result<void> check_size(Kind kind, std::string_view data) {
  if (data.size() <= limits::kSpoolItemBytesMax) return {};
  return fail(ErrorCode::kLimit, fmt::format("{} of {} bytes: {} at most", to_string(kind),
                                             data.size(), limits::kSpoolItemBytesMax));
}

}  // namespace

Spool::Spool(Database database) : database_(std::make_unique<Database>(std::move(database))) {}

Result<Spool> Spool::open(Options options) {
  std::error_code error;
  fs::create_directories(options.folder, error);
  if (error)
    return fail(ErrorCode::kIo, fmt::format("spool: {}: {}", options.folder, error.message()));
  const std::string file = fs::path(options.folder) / "spool.db";
  keep_log(file);
  for (const bool again : {false, true}) {
    auto database =
        Database::open(file, {.mode = Database::Mode::kCreate, .sync = Database::Sync::kFull});
    auto prepared = database ? Result<void>() : std::unexpected(database.error());
    if (database) {
      Spool spool(std::move(*database));
      spool.bytes_max_ = options.bytes_max;
      prepared = spool.prepare();
      if (prepared) {
        fs::remove(kept_log(file), error);
        return spool;
      }
    }
    // A full disk or a lock passes; only what is no spool, or a broken one, has to go.
    if (again || prepared.error().code != ErrorCode::kInvalidInput)
      return std::unexpected(prepared.error());
    TOCSIN_TRY(const auto name, set_aside(file));
    spdlog::error("{}: set aside as {}, and begun anew", prepared.error().message, name);
  }
  return fail(ErrorCode::kInternal, "spool");
}

Result<void> Spool::prepare() {
  TOCSIN_TRY_VOID(database_->run(kTables));
  TOCSIN_TRY(put_, database_->prepare("INSERT INTO item(kind,number,data) VALUES(?1,?2,?3)"));
  TOCSIN_TRY(after_, database_->prepare("SELECT place,kind,number,data FROM item WHERE place>?1 "
                                        "ORDER BY place LIMIT ?2"));
  TOCSIN_TRY(remove_, database_->prepare("DELETE FROM item WHERE place=?1"));
  TOCSIN_TRY(oldest_, database_->prepare("SELECT place,length(data) FROM item WHERE kind=?1 "
                                         "ORDER BY place LIMIT 1"));
  TOCSIN_TRY(id_put_, database_->prepare("INSERT OR IGNORE INTO told(id) VALUES(?1)"));
  TOCSIN_TRY(id_trim_, database_->prepare("DELETE FROM told WHERE place<="
                                          "(SELECT max(place) FROM told)-?1"));
  TOCSIN_TRY(mark_put_, database_->prepare("INSERT OR REPLACE INTO mark VALUES(?1,?2)"));
  TOCSIN_TRY(mark_, database_->prepare("SELECT value FROM mark WHERE name=?1"));
  TOCSIN_TRY(name_, mark("name"));
  if (name_.empty()) {
    name_ = random_name();
    TOCSIN_TRY_VOID(set_mark("name", name_));
  }
  TOCSIN_TRY_VOID(load());
  // On a full disk the next commit does it.
  if (state_.dropped_ns != 0) (void)set_mark("dropped at", seconds_text(state_.dropped_ns));
  return {};
}

// What is on the disk, and nothing else.
Result<void> Spool::load() {
  stale_ = true;
  TOCSIN_TRY(last_alert_, mark("last alert"));
  TOCSIN_TRY(const auto dropped_at, mark("dropped at"));
  state_.dropped_ns = static_cast<WallNs>(parse_u64(dropped_at).value_or(0)) * kNsPerSecond;
  for (const auto kind : kGiveWay) {
    TOCSIN_TRY(const auto number, mark(fmt::format("number {}", to_string(kind))));
    numbers_[at(kind)] = parse_u64(number).value_or(0);
    TOCSIN_TRY(const auto dropped, mark(fmt::format("dropped {}", to_string(kind))));
    state_.dropped[at(kind)] = parse_u64(dropped).value_or(0);
  }
  // A spool of before the time was kept: from now on, or it would be trouble for good.
  if (state_.dropped_ns == 0 && state_.dropped != decltype(state_.dropped){})
    state_.dropped_ns = SystemClock().wall_ns();
  TOCSIN_TRY(const auto items, database_->integer("SELECT count(*) FROM item"));
  TOCSIN_TRY(const auto bytes, database_->integer("SELECT sum(length(data)) FROM item"));
  TOCSIN_TRY(committed_, database_->integer("SELECT max(place) FROM item"));
  state_.items = static_cast<std::uint64_t>(items);
  state_.bytes = static_cast<std::uint64_t>(bytes);
  stale_ = false;
  return {};
}

void Spool::undo() {
  const auto before = numbers_;
  // SQLite may have done so itself; then this says that there is nothing to undo.
  (void)database_->run("ROLLBACK");
  writing_ = false;
  if (const auto loaded = load(); !loaded)
    spdlog::error("spool: {}: it is read again before the next write", loaded.error().message);
  // Nobody tells these again.
  const auto lost = before[at(Kind::kEvents)] - numbers_[at(Kind::kEvents)];
  if (!stale_ && lost > 0) {
    state_.dropped[at(Kind::kEvents)] += lost;
    state_.dropped_ns = SystemClock().wall_ns();
  }
  if (on_undone_) on_undone_();
}

Result<void> Spool::set_mark(std::string_view name, std::string_view value) {
  return mark_put_.bind_text(1, name).bind_text(2, value).run();
}

Result<std::string> Spool::mark(std::string_view name) {
  mark_.bind_text(1, name);
  const auto row = mark_.step();
  std::string value(row && *row ? mark_.bytes(0) : std::string_view());
  mark_.reset();
  if (!row) return std::unexpected(row.error());
  return value;
}

Result<void> Spool::remember(std::string_view name, std::string_view value) {
  const auto write = [&]() -> Result<void> {
    TOCSIN_TRY_VOID(begin());
    return set_mark(fmt::format("note {}", name), value);
  };
  return or_undone(write());
}

Result<std::string> Spool::remembered(std::string_view name) {
  return mark(fmt::format("note {}", name));
}

Result<void> Spool::begin() {
  if (writing_) return {};
  if (stale_) TOCSIN_TRY_VOID(load());
  TOCSIN_TRY_VOID(database_->run("BEGIN IMMEDIATE"));
  writing_ = true;
  return {};
}

Result<void> Spool::commit() {
  return writing_ ? or_undone(write_out()) : Result<void>();
}

Result<void> Spool::write_out() {
  for (const auto kind : kGiveWay) {
    TOCSIN_TRY_VOID(
        set_mark(fmt::format("number {}", to_string(kind)), std::to_string(numbers_[at(kind)])));
    if (state_.dropped[at(kind)] != 0)
      TOCSIN_TRY_VOID(set_mark(fmt::format("dropped {}", to_string(kind)),
                               std::to_string(state_.dropped[at(kind)])));
  }
  if (!last_alert_.empty()) TOCSIN_TRY_VOID(set_mark("last alert", last_alert_));
  if (state_.dropped_ns != 0)
    TOCSIN_TRY_VOID(set_mark("dropped at", seconds_text(state_.dropped_ns)));
  TOCSIN_TRY(const auto last, database_->integer("SELECT max(place) FROM item"));
  TOCSIN_TRY_VOID(database_->run("COMMIT"));
  writing_ = false;
  committed_ = last;
  return {};
}

Result<bool> Spool::make_room(Kind kind, std::uint64_t bytes) {
  for (const auto other : kGiveWay) {
    while (state_.bytes + bytes > bytes_max_) {
      oldest_.bind(1, static_cast<std::int64_t>(other));
      const auto row = oldest_.step();
      const auto place = row && *row ? oldest_.integer(0) : 0;
      const auto size = row && *row ? static_cast<std::uint64_t>(oldest_.integer(1)) : 0;
      oldest_.reset();
      if (!row) return std::unexpected(row.error());
      if (place == 0) break;  // the next kind
      TOCSIN_TRY_VOID(remove_.bind(1, place).run());
      state_.bytes -= size;
      --state_.items;
      count_dropped(other);
    }
    if (other == kind) break;
  }
  // The newest alert is kept even where it alone is too much.
  return kind == Kind::kAlert || state_.bytes + bytes <= bytes_max_;
}

void Spool::count_dropped(Kind kind) {
  ++state_.dropped[at(kind)];
  state_.dropped_ns = SystemClock().wall_ns();
}

Result<void> Spool::put(Kind kind, std::string_view data) {
  TOCSIN_TRY_VOID(check_size(kind, data));
  return or_undone(insert(kind, data));
}

Result<void> Spool::insert(Kind kind, std::string_view data) {
  TOCSIN_TRY_VOID(begin());
  TOCSIN_TRY(const bool has_room, make_room(kind, data.size()));
  const auto number = static_cast<std::int64_t>(numbers_[at(kind)] + 1);
  if (has_room)
    TOCSIN_TRY_VOID(
        put_.bind(1, static_cast<std::int64_t>(kind)).bind(2, number).bind_blob(3, data).run());
  ++numbers_[at(kind)];
  if (!has_room) {
    count_dropped(kind);
    return {};
  }
  ++state_.items;
  state_.bytes += data.size();
  return {};
}

Result<bool> Spool::put_alert(const std::string& alert_id, std::string_view data) {
  TOCSIN_TRY_VOID(check_size(Kind::kAlert, data));
  return or_undone(insert_alert(alert_id, data));
}

Result<bool> Spool::insert_alert(const std::string& alert_id, std::string_view data) {
  TOCSIN_TRY_VOID(begin());
  TOCSIN_TRY_VOID(id_put_.bind_text(1, alert_id).run());
  if (database_->changes() == 0) return false;
  TOCSIN_TRY_VOID(id_trim_.bind(1, static_cast<std::int64_t>(limits::kSpooledIdsMax)).run());
  TOCSIN_TRY_VOID(insert(Kind::kAlert, data));
  last_alert_ = alert_id;
  return true;
}

Result<std::vector<Spool::Item>> Spool::after(std::int64_t place, std::size_t most) {
  std::vector<Item> items;
  std::size_t bytes = 0;
  after_.bind(1, place).bind(2, static_cast<std::int64_t>(most));
  while (bytes < limits::kSpoolReadBytesMax) {
    const auto row = after_.step();
    if (!row) {
      after_.reset();
      return std::unexpected(row.error());
    }
    if (!*row || after_.integer(0) > committed_) break;
    Item item{.place = after_.integer(0),
              .kind = static_cast<Kind>(after_.integer(1)),
              .id = {},
              .data = std::string(after_.bytes(3))};
    item.id = fmt::format("{}:{}:{}", name_, to_string(item.kind), after_.integer(2));
    bytes += item.data.size();
    items.push_back(std::move(item));
  }
  after_.reset();
  return items;
}

Result<void> Spool::remove(const std::vector<std::int64_t>& places) {
  return places.empty() ? Result<void>() : or_undone(erase(places));
}

Result<void> Spool::erase(const std::vector<std::int64_t>& places) {
  TOCSIN_TRY_VOID(begin());
  for (const auto place : places) {
    TOCSIN_TRY(auto size, database_->prepare("SELECT length(data) FROM item WHERE place=?1"));
    TOCSIN_TRY(const bool there, size.bind(1, place).step());
    if (!there) continue;  // gave way meanwhile
    const auto bytes = static_cast<std::uint64_t>(size.integer(0));
    size.reset();
    TOCSIN_TRY_VOID(remove_.bind(1, place).run());
    state_.bytes -= bytes;
    --state_.items;
  }
  return write_out();
}

}  // namespace tocsin::fleet
