// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "history/seen_rows.hpp"

namespace tocsin {
namespace {

// ?1-?4 key, ?5 first, ?6 last, ?7 count, ?8 days, ?9 flags, ?10 ?11 who, ?12-?15 processes, ?16
// first day, ?17 last day. A day that the row has counted is not counted again.
constexpr const char* kUpdate = R"(
UPDATE seen SET
  count=count+?7,
  days=days+CASE WHEN ?17<=last_ns/86400000000000 THEN 0
                 WHEN ?16<=last_ns/86400000000000 THEN ?8-1 ELSE ?8 END,
  flags=flags|?9,
  first_who=CASE WHEN ?5<first_ns THEN ?10 ELSE first_who END,
  first_pid=CASE WHEN ?5<first_ns THEN ?12 ELSE first_pid END,
  first_start=CASE WHEN ?5<first_ns THEN ?13 ELSE first_start END,
  last_who=CASE WHEN ?6>=last_ns THEN ?11 ELSE last_who END,
  last_pid=CASE WHEN ?6>=last_ns THEN ?14 ELSE last_pid END,
  last_start=CASE WHEN ?6>=last_ns THEN ?15 ELSE last_start END,
  first_ns=min(first_ns,?5),
  last_ns=max(last_ns,?6)
WHERE kind=?1 AND value=?2 AND subject=?3 AND container=?4)";

constexpr const char* kInsert = R"(
INSERT INTO seen(kind,value,subject,container,first_ns,last_ns,count,days,flags,
  first_who,last_who,first_pid,first_start,last_pid,last_start)
VALUES(?1,?2,?3,?4,?5,?6,max(?7,1),?8,?9,?10,?11,?12,?13,?14,?15))";

void bind_process(Statement& statement, int at, const ProcessId& process) {
  if (!process.known()) {
    statement.bind_null(at).bind_null(at + 1);
    return;
  }
  statement.bind(at, std::int64_t{process.pid})
      .bind(at + 1, static_cast<std::int64_t>(process.start_ns));
}

}  // namespace

Result<SeenRows> SeenRows::open(Database& database) {
  SeenRows rows;
  TOCSIN_TRY(rows.update_, database.prepare(kUpdate));
  TOCSIN_TRY(rows.insert_, database.prepare(kInsert));
  TOCSIN_TRY(rows.who_, IdCache::open(database, {.name = "who", .key = "digest", .more = "facts"}));
  TOCSIN_TRY_VOID(rows.recount(database));
  return rows;
}

Result<void> SeenRows::recount(Database& database) {
  TOCSIN_TRY(count_, database.integer("SELECT count(*) FROM seen"));
  return who_.restart(database);
}

Result<void> SeenRows::merge(Database& database, std::string_view key, const SeenRow& row) {
  TOCSIN_TRY_VOID(bind(update_, key, row));
  update_.bind(16, row.first_day).bind(17, row.last_day);
  TOCSIN_TRY_VOID(update_.run());
  if (database.changes() > 0) return {};
  TOCSIN_TRY_VOID(bind(insert_, key, row));
  TOCSIN_TRY_VOID(insert_.run());
  ++count_;
  return {};
}

Result<void> SeenRows::bind(Statement& statement, std::string_view encoded, const SeenRow& row) {
  const auto key = decode(encoded);
  TOCSIN_TRY(const auto first_who, who_id(row.first_who));
  TOCSIN_TRY(const auto last_who, who_id(row.last_who));
  statement.bind(1, static_cast<std::int64_t>(key.kind))
      .bind_blob(2, key.value)
      .bind_blob(3, key.subject)
      .bind_text(4, key.container)
      .bind(5, row.first_ns)
      .bind(6, row.last_ns)
      .bind(7, static_cast<std::int64_t>(row.count))
      .bind(8, static_cast<std::int64_t>(row.days))
      .bind(9, std::int64_t{row.flags})
      .bind(10, first_who)
      .bind(11, last_who);
  bind_process(statement, 12, row.first);
  bind_process(statement, 14, row.last);
  return {};
}

Result<std::optional<std::int64_t>> SeenRows::who_id(const Who& who) {
  if (who == nullptr) return std::nullopt;
  TOCSIN_TRY(const auto id,
             who_.id_of({reinterpret_cast<const char*>(who->digest.data()), who->digest.size()},
                        who->json));
  return id;
}

}  // namespace tocsin
