// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "relay/spool.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/limits.hpp"
#include "relay/webhook_limits.hpp"

namespace tocsin::relay {
namespace {

constexpr std::int64_t kVersion = 1;
constexpr const char* kSchema = R"(
CREATE TABLE IF NOT EXISTS alert(
  seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, severity INTEGER NOT NULL,
  json TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS receiver(
  name TEXT PRIMARY KEY, least INTEGER NOT NULL, done INTEGER NOT NULL,
  delivered INTEGER NOT NULL DEFAULT 0, refused INTEGER NOT NULL DEFAULT 0,
  dropped INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS place(after TEXT NOT NULL, since_ns INTEGER NOT NULL);
)";
// Alerts that no receiver waits for.
constexpr const char* kUnwanted =
    "NOT EXISTS(SELECT 1 FROM receiver WHERE done<alert.seq AND least<=alert.severity)";

bool is_damage(const Error& error) {
  return error.code == ErrorCode::kInvalidInput;
}

void set_aside(const std::string& file) {
  std::error_code ignored;
  std::filesystem::rename(file, file + ".damaged", ignored);
  for (const auto* tail : {"-wal", "-shm"}) std::filesystem::remove(file + tail, ignored);
}

}  // namespace

Result<Spool> Spool::open(const std::string& file, std::uint64_t bytes_max, WallNs now) {
  const auto try_open = [&]() -> Result<Spool> {
    TOCSIN_TRY(auto database, Database::open(file, {.mode = Database::Mode::kCreate,
                                                    .sync = Database::Sync::kFull}));
    Spool spool(std::move(database), bytes_max);
    TOCSIN_TRY_VOID(spool.prepare(now));
    return spool;
  };
  auto opened = try_open();
  if (opened || !is_damage(opened.error())) return opened;
  const auto why = opened.error().message;
  set_aside(file);
  TOCSIN_TRY(auto fresh, try_open());
  fresh.remark_ =
      fmt::format("{}: put aside as {}.damaged, and what waited in it is not sent", why, file);
  return fresh;
}

Result<void> Spool::prepare(WallNs now) {
  TOCSIN_TRY(const auto version, database_.integer("PRAGMA user_version"));
  if (version != 0 && version != kVersion)
    return fail(ErrorCode::kUnsupported, fmt::format("{}: is of version {}, this program knows {}",
                                                     database_.path(), version, kVersion));
  TOCSIN_TRY_VOID(database_.run(kSchema));
  TOCSIN_TRY_VOID(database_.run(fmt::format("PRAGMA user_version={}", kVersion)));
  TOCSIN_TRY(auto place, database_.prepare("SELECT after,since_ns FROM place"));
  TOCSIN_TRY(const bool row, place.step());
  if (row) {
    place_ = {std::string(place.bytes(0)), place.integer(1)};
  } else {
    place.reset();
    TOCSIN_TRY_VOID(save_place({"", now}));
  }
  return measure();
}

Result<void> Spool::measure() {
  TOCSIN_TRY(
      auto row,
      database_.prepare("SELECT count(*),coalesce(sum(length(CAST(json AS BLOB))),0) FROM alert"));
  TOCSIN_TRY_VOID(row.step());
  alerts_ = static_cast<std::uint64_t>(row.integer(0));
  bytes_ = static_cast<std::uint64_t>(row.integer(1));
  return {};
}

// Without a commit nothing has changed, and what this object remembers follows the file.
Result<void> Spool::transaction(const std::function<Result<void>()>& work) {
  TOCSIN_TRY_VOID(database_.run("BEGIN IMMEDIATE"));
  const auto before = place_;
  Result<void> done = work();
  if (done) done = database_.run("COMMIT");
  if (done) return {};
  (void)database_.run("ROLLBACK");
  place_ = before;
  (void)measure();
  return done;
}

Result<void> Spool::save_place(const SpoolPlace& place) {
  TOCSIN_TRY_VOID(database_.run("DELETE FROM place"));
  TOCSIN_TRY(auto insert, database_.prepare("INSERT INTO place(after,since_ns) VALUES(?1,?2)"));
  insert.bind_text(1, place.after).bind(2, place.since_ns);
  TOCSIN_TRY_VOID(insert.run());
  place_ = place;
  return {};
}

Result<void> Spool::set_receivers(const std::vector<Receiver>& receivers, bool forget_others,
                                  WallNs now) {
  return transaction([&]() -> Result<void> {
    TOCSIN_TRY(const auto before, database_.integer("SELECT count(*) FROM receiver"));
    if (before == 0) TOCSIN_TRY_VOID(save_place({"", now}));
    for (const auto& receiver : receivers) TOCSIN_TRY_VOID(keep_receiver(receiver));
    if (forget_others) TOCSIN_TRY_VOID(forget_all_but(receivers));
    TOCSIN_TRY_VOID(database_.run(fmt::format("DELETE FROM alert WHERE {}", kUnwanted)));
    return measure();
  });
}

Result<void> Spool::keep_receiver(const Receiver& receiver) {
  TOCSIN_TRY(auto insert,
             database_.prepare("INSERT INTO receiver(name,least,done) VALUES(?1,?2,coalesce("
                               "(SELECT seq FROM sqlite_sequence WHERE name='alert'),0)) "
                               "ON CONFLICT(name) DO UPDATE SET least=excluded.least"));
  insert.bind_text(1, receiver.name).bind(2, static_cast<std::int64_t>(receiver.least));
  return insert.run();
}

Result<void> Spool::forget_all_but(const std::vector<Receiver>& receivers) {
  std::vector<std::string> gone;
  TOCSIN_TRY(auto names, database_.prepare("SELECT name FROM receiver"));
  for (;;) {
    TOCSIN_TRY(const bool row, names.step());
    if (!row) break;
    std::string name(names.bytes(0));
    if (std::ranges::find(receivers, name, &Receiver::name) == receivers.end())
      gone.push_back(std::move(name));
  }
  names.reset();
  for (const auto& name : gone) {
    TOCSIN_TRY(auto remove, database_.prepare("DELETE FROM receiver WHERE name=?1"));
    remove.bind_text(1, name);
    TOCSIN_TRY_VOID(remove.run());
  }
  return {};
}

Result<void> Spool::add(std::span<const SpooledAlert> alerts, WallNs now) {
  if (alerts.empty()) return {};
  return transaction([&]() -> Result<void> {
    for (const auto& alert : alerts) TOCSIN_TRY_VOID(insert(alert));
    TOCSIN_TRY_VOID(make_room());
    const auto newest = std::ranges::max(alerts, {}, &SpooledAlert::time_ns).time_ns;
    const auto since = std::max(place_.since_ns, newest - limits::kPlaceMarginNs);
    return save_place({alerts.back().id, std::min(since, now)});
  });
}

Result<void> Spool::insert(const SpooledAlert& alert) {
  TOCSIN_TRY(
      auto insert,
      database_.prepare("INSERT INTO alert(id,severity,json) SELECT ?1,?2,?3 WHERE EXISTS("
                        "SELECT 1 FROM receiver WHERE least<=?2) ON CONFLICT(id) DO NOTHING"));
  insert.bind_text(1, alert.id)
      .bind(2, static_cast<std::int64_t>(alert.severity))
      .bind_text(3, alert.json);
  TOCSIN_TRY_VOID(insert.run());
  if (database_.changes() == 0) return {};
  ++alerts_;
  bytes_ += alert.json.size();
  return {};
}

Result<void> Spool::make_room() {
  while (alerts_ > 1 && (alerts_ > limits::kSpoolAlertsMax || bytes_ > bytes_max_))
    TOCSIN_TRY_VOID(drop_oldest());
  return {};
}

Result<void> Spool::drop_oldest() {
  TOCSIN_TRY(auto oldest,
             database_.prepare(
                 "SELECT seq,severity,length(CAST(json AS BLOB)) FROM alert ORDER BY seq LIMIT 1"));
  TOCSIN_TRY(const bool row, oldest.step());
  if (!row) return measure();
  const auto seq = oldest.integer(0), severity = oldest.integer(1), bytes = oldest.integer(2);
  oldest.reset();
  TOCSIN_TRY_VOID(database_.run(
      fmt::format("UPDATE receiver SET dropped=dropped+1 WHERE done<{0} AND least<={1};"
                  "DELETE FROM alert WHERE seq={0}",
                  seq, severity)));
  --alerts_;
  bytes_ -= static_cast<std::uint64_t>(bytes);
  return {};
}

Result<std::optional<SpooledAlert>> Spool::next(const std::string& receiver) {
  TOCSIN_TRY(auto row,
             database_.prepare("SELECT a.seq,a.id,a.severity,a.json FROM alert a, receiver r "
                               "WHERE r.name=?1 AND a.seq>r.done AND a.severity>=r.least "
                               "ORDER BY a.seq LIMIT 1"));
  row.bind_text(1, receiver);
  TOCSIN_TRY(const bool found, row.step());
  if (!found) return std::nullopt;
  return SpooledAlert{.seq = row.integer(0),
                      .id = std::string(row.bytes(1)),
                      .severity = static_cast<Severity>(row.integer(2)),
                      .json = std::string(row.bytes(3)),
                      .time_ns = 0};
}

Result<void> Spool::settle(const std::string& receiver, std::int64_t seq, Settled how) {
  return transaction([&]() -> Result<void> {
    TOCSIN_TRY(auto update,
               database_.prepare("UPDATE receiver SET done=max(done,?2),delivered=delivered+?3,"
                                 "refused=refused+?4 WHERE name=?1"));
    const bool delivered = how == Settled::kDelivered;
    update.bind_text(1, receiver)
        .bind(2, seq)
        .bind(3, std::int64_t{delivered})
        .bind(4, std::int64_t{!delivered});
    TOCSIN_TRY_VOID(update.run());
    TOCSIN_TRY(auto row,
               database_.prepare("SELECT length(CAST(json AS BLOB)) FROM alert WHERE seq=?1"));
    row.bind(1, seq);
    TOCSIN_TRY(const bool there, row.step());  // it may have gone for room meanwhile
    const auto bytes = there ? static_cast<std::uint64_t>(row.integer(0)) : 0;
    row.reset();
    TOCSIN_TRY_VOID(
        database_.run(fmt::format("DELETE FROM alert WHERE seq={} AND {}", seq, kUnwanted)));
    if (database_.changes() == 0 || !there) return {};
    --alerts_;
    bytes_ -= bytes;
    return {};
  });
}

Result<SpoolCounts> Spool::counts(const std::string& receiver) {
  TOCSIN_TRY(auto row,
             database_.prepare("SELECT delivered,refused,dropped,(SELECT count(*) FROM alert WHERE "
                               "seq>done AND severity>=least) FROM receiver WHERE name=?1"));
  row.bind_text(1, receiver);
  TOCSIN_TRY(const bool found, row.step());
  if (!found) return SpoolCounts{};
  const auto count = [&](int column) { return static_cast<std::uint64_t>(row.integer(column)); };
  return SpoolCounts{
      .waiting = count(3), .delivered = count(0), .refused = count(1), .dropped = count(2)};
}

}  // namespace tocsin::relay
