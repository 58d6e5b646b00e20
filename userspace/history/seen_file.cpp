// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "history/seen_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "history/eviction.hpp"
#include "history/history_limits.hpp"

namespace tocsin {
namespace {

// Of the rows allowed, so many go when there are more: one of twenty.
constexpr std::size_t kShrinkPart = 20;

constexpr const char* kContent = R"(
INSERT INTO content(sha256,sha1,md5,size,path) VALUES(?1,?2,?3,?4,?5)
ON CONFLICT(sha256) DO UPDATE SET
  sha1=coalesce(excluded.sha1,sha1), md5=coalesce(excluded.md5,md5),
  size=coalesce(excluded.size,size))";

constexpr const char* kReported = R"(
INSERT INTO reported(set_name,indicator,kind,value,at_ns) VALUES(?1,?2,?3,?4,?5)
ON CONFLICT(set_name,indicator,kind,value) DO UPDATE SET at_ns=max(at_ns,excluded.at_ns))";

// Sightings last seen before may be missing; and, beyond that, not because of their age.
constexpr const char* kWholeSince =
    "INSERT INTO meta(name,value) VALUES('seen_complete_since_ns',{0}) "
    "ON CONFLICT(name) DO UPDATE SET value=max(value,excluded.value)";

constexpr const char* kCut =
    "INSERT INTO meta(name,value) VALUES('seen_cut_ns',{0}) "
    "ON CONFLICT(name) DO UPDATE SET value=max(value,excluded.value)";

constexpr const char* kDrop = R"(
DELETE FROM seen WHERE (kind,value,subject,container) IN
  (SELECT kind,value,subject,container FROM seen WHERE last_ns<?1 LIMIT ?2))";

constexpr const char* kOrphanedContents = R"(
DELETE FROM content WHERE sha256 NOT IN (SELECT value FROM seen WHERE kind IN (1,2,3)))";

// What only dropped sightings needed. A reported sighting that is still kept would be reported
// again without its mark.
constexpr const char* kOrphans = R"(
DELETE FROM who WHERE id NOT IN
  (SELECT first_who FROM seen WHERE first_who IS NOT NULL
   UNION SELECT last_who FROM seen WHERE last_who IS NOT NULL);
DELETE FROM run WHERE alive_ns<{0};
DELETE FROM lost WHERE minute<{1};
DELETE FROM hashed WHERE minute<{1};
DELETE FROM blind WHERE to_ns<{0};
DELETE FROM reported WHERE at_ns<{0} AND NOT EXISTS
  (SELECT 1 FROM seen WHERE seen.kind=reported.kind AND seen.value=reported.value))";

std::string per_minute_sql(std::string_view table, std::string_view word) {
  return fmt::format(
      "INSERT INTO {0}(minute,{1},count) VALUES(?1,?2,?3) "
      "ON CONFLICT(minute,{1}) DO UPDATE SET count=count+excluded.count",
      table, word);
}

Result<void> write_minutes(Statement& insert, const HistoryBatch::ByMinute& minutes) {
  for (const auto& [key, count] : minutes) {
    insert.bind(1, key.first).bind_text(2, key.second).bind(3, static_cast<std::int64_t>(count));
    TOCSIN_TRY_VOID(insert.run());
  }
  return {};
}

template <typename Digest>
std::string_view bytes_of(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.bytes.data()), digest.bytes.size()};
}

template <typename Digest>
void bind_digest(Statement& statement, int at, const std::optional<Digest>& digest) {
  if (digest) {
    statement.bind_blob(at, bytes_of(*digest));
  } else {
    statement.bind_null(at);
  }
}

}  // namespace

Result<SeenFile> SeenFile::open(Database database, Options options, std::int64_t run_id) {
  SeenFile file(std::move(database), std::move(options));
  file.run_id_ = run_id;
  TOCSIN_TRY_VOID(file.prepare());
  if (run_id == 0) TOCSIN_TRY_VOID(file.begin());
  return file;
}

Result<void> SeenFile::prepare() {
  TOCSIN_TRY(rows_, SeenRows::open(database_));
  TOCSIN_TRY(content_, database_.prepare(kContent));
  TOCSIN_TRY(lost_, database_.prepare(per_minute_sql("lost", "stage")));
  TOCSIN_TRY(hashed_, database_.prepare(per_minute_sql("hashed", "outcome")));
  TOCSIN_TRY(blind_, database_.prepare("INSERT INTO blind(from_ns,to_ns,what) VALUES(?1,?2,?3)"));
  TOCSIN_TRY(reported_, database_.prepare(kReported));
  TOCSIN_TRY(alive_, database_.prepare("UPDATE run SET alive_ns=max(alive_ns,?1) WHERE id=?2"));
  TOCSIN_TRY(drop_, database_.prepare(kDrop));
  return {};
}

// Together: a run that began before the file did must not vouch for that time.
Result<void> SeenFile::begin() {
  return transact([&]() -> Result<void> {
    TOCSIN_TRY_VOID(begin_run());
    if (options_.begun_anew_ns == 0) return {};
    TOCSIN_TRY_VOID(database_.run(fmt::format(kWholeSince, options_.begun_anew_ns)));
    return database_.run(fmt::format(kCut, options_.begun_anew_ns));
  });
}

Result<void> SeenFile::begin_run() {
  TOCSIN_TRY(const auto last, database_.integer("SELECT max(id) FROM run"));
  TOCSIN_TRY(auto insert, database_.prepare(
                              "INSERT INTO run(id,boot_id,version,kernel,started_ns,alive_ns,hooks)"
                              " VALUES(?1,?2,?3,?4,?5,?5,?6)"));
  const auto& run = options_.run;
  insert.bind(1, last + 1)
      .bind_text(2, run.boot_id)
      .bind_text(3, run.version)
      .bind_text(4, run.kernel)
      .bind(5, run.started_ns)
      .bind_text(6, run.hooks);
  TOCSIN_TRY_VOID(insert.run());
  run_id_ = last + 1;
  return {};
}

template <typename Work>
Result<void> SeenFile::transact(Work&& work) {
  TOCSIN_TRY_VOID(database_.run("BEGIN IMMEDIATE"));
  auto done = work();
  if (done) done = database_.run("COMMIT");
  if (done) return {};
  // The failure itself is the news; a rollback that fails, too, was done by SQLite already.
  (void)database_.run("ROLLBACK");
  (void)rows_.recount(database_);
  return done;
}

Result<void> SeenFile::write(const HistoryBatch& batch, WallNs now) {
  return transact([&] { return write_all(batch, now); });
}

Result<void> SeenFile::write_all(const HistoryBatch& batch, WallNs now) {
  for (const auto& [key, row] : batch.seen()) TOCSIN_TRY_VOID(rows_.merge(database_, key, row));
  TOCSIN_TRY_VOID(write_notes(batch));
  alive_.bind(1, now).bind(2, run_id_);
  return alive_.run();
}

Result<void> SeenFile::write_content(const ContentFacts& content) {
  content_.bind_blob(1, bytes_of(content.digests.sha256));
  bind_digest(content_, 2, content.digests.sha1);
  bind_digest(content_, 3, content.digests.md5);
  if (content.size) {
    content_.bind(4, static_cast<std::int64_t>(*content.size));
  } else {
    content_.bind_null(4);
  }
  content_.bind_text(5, content.path);
  return content_.run();
}

Result<void> SeenFile::write_notes(const HistoryBatch& batch) {
  for (const auto& content : batch.contents()) TOCSIN_TRY_VOID(write_content(content));
  TOCSIN_TRY_VOID(write_minutes(lost_, batch.lost()));
  TOCSIN_TRY_VOID(write_minutes(hashed_, batch.hashed()));
  for (const auto& period : batch.blind()) {
    blind_.bind(1, period.from_ns).bind(2, period.to_ns).bind_text(3, period.what);
    TOCSIN_TRY_VOID(blind_.run());
  }
  for (const auto& r : batch.reported()) {
    reported_.bind_text(1, r.set)
        .bind_text(2, r.indicator)
        .bind(3, static_cast<std::int64_t>(r.kind))
        .bind_blob(4, r.value)
        .bind(5, r.at_ns);
    TOCSIN_TRY_VOID(reported_.run());
  }
  return {};
}

Result<void> SeenFile::end_run(WallNs now) {
  return database_.run(fmt::format(
      "UPDATE run SET alive_ns=max(alive_ns,{0}), stopped_ns={0} WHERE id={1}", now, run_id_));
}

// ---- Retention
// ------------------------------------------------------------------------------------

Result<bool> SeenFile::retain(WallNs now, bool by_age) {
  const WallNs oldest = now - static_cast<WallNs>(options_.days) * kDayNs;
  bool more = false;
  const auto done = transact([&]() -> Result<void> {
    if (by_age) {
      TOCSIN_TRY(const auto dropped, drop_old(oldest, limits::kHistoryDeleteSlice));
      more = dropped == static_cast<std::int64_t>(limits::kHistoryDeleteSlice);
    }
    const auto most = static_cast<std::int64_t>(options_.rows_max);
    TOCSIN_TRY(const auto rows, database_.integer("SELECT count(*) FROM seen"));
    if (rows > most)
      TOCSIN_TRY_VOID(drop_for_room(rows - (most - most / static_cast<std::int64_t>(kShrinkPart))));
    if (by_age && !more) return drop_orphans(oldest);
    return {};
  });
  if (!done) return std::unexpected(done.error());
  TOCSIN_TRY_VOID(rows_.recount(database_));
  return more;
}

Result<std::int64_t> SeenFile::drop_old(WallNs before, std::int64_t most) {
  drop_.bind(1, before).bind(2, most);
  TOCSIN_TRY_VOID(drop_.run());
  const auto dropped = database_.changes();
  if (dropped > 0) TOCSIN_TRY_VOID(database_.run(fmt::format(kWholeSince, before)));
  return dropped;
}

Result<void> SeenFile::drop_for_room(std::int64_t rows) {
  TOCSIN_TRY(const auto evicted, evict(database_, rows));
  TOCSIN_TRY_VOID(database_.run(fmt::format(kWholeSince, evicted.before_ns)));
  TOCSIN_TRY_VOID(database_.run(fmt::format(kCut, evicted.before_ns)));
  return database_.run(
      fmt::format("INSERT INTO meta(name,value) VALUES('seen_dropped',{0}) "
                  "ON CONFLICT(name) DO UPDATE SET value=value+{0}",
                  evicted.rows));
}

Result<void> SeenFile::drop_orphans(WallNs before) {
  TOCSIN_TRY_VOID(database_.run(kOrphanedContents));
  contents_dropped_ += static_cast<std::uint64_t>(database_.changes());
  return database_.run(fmt::format(kOrphans, before, before / kMinuteNs));
}

}  // namespace tocsin
