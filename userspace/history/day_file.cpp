// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "history/day_file.hpp"

#include <optional>
#include <utility>

#include "history/history_limits.hpp"

namespace tocsin {
namespace {

constexpr const char* kInsert = R"(
INSERT INTO event(time_ns,kind,pid,start_ns,who,content,value,name,port,protocol,result,
  bytes_out,bytes_in,duration_ns)
VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14))";

template <typename Number>
std::optional<std::int64_t> signed_of(const std::optional<Number>& number) {
  return number ? std::optional(static_cast<std::int64_t>(*number)) : std::nullopt;
}

}  // namespace

Result<DayFile> DayFile::open(Database database, std::int64_t day) {
  DayFile file(std::move(database), day);
  TOCSIN_TRY(file.texts_, IdCache::open(file.database_, {.name = "text", .key = "value"}));
  TOCSIN_TRY(file.insert_, file.database_.prepare(kInsert));
  return file;
}

Result<void> DayFile::append(std::span<const SingleEvent* const> events) {
  TOCSIN_TRY_VOID(database_.run("BEGIN IMMEDIATE"));
  auto done = append_all(events);
  if (done) done = database_.run("COMMIT");
  if (done) return {};
  (void)database_.run("ROLLBACK");
  (void)texts_.restart(database_);
  return done;
}

Result<void> DayFile::append_all(std::span<const SingleEvent* const> events) {
  for (const auto* event : events) TOCSIN_TRY_VOID(insert(*event));
  return {};
}

Result<std::optional<std::int64_t>> DayFile::text_id(std::string_view text) {
  if (text.empty()) return std::nullopt;
  TOCSIN_TRY(const auto id, texts_.id_of(text.substr(0, limits::kHistoryTextBytesMax)));
  return id;
}

Result<void> DayFile::insert(const SingleEvent& e) {
  TOCSIN_TRY(const auto kind, text_id(e.kind));
  TOCSIN_TRY(const auto who, text_id(e.who != nullptr ? e.who->json : std::string_view()));
  TOCSIN_TRY(const auto content, text_id(e.content != nullptr ? *e.content : std::string_view()));
  TOCSIN_TRY(const auto value, text_id(e.address ? e.address->to_string() : e.value));
  TOCSIN_TRY(const auto name, text_id(e.name));
  TOCSIN_TRY(const auto result, text_id(e.result));
  insert_.bind(1, e.time_ns).bind(2, kind);
  if (e.process.known())
    insert_.bind(3, std::int64_t{e.process.pid})
        .bind(4, static_cast<std::int64_t>(e.process.start_ns));
  insert_.bind(5, who)
      .bind(6, content)
      .bind(7, value)
      .bind(8, name)
      .bind(9, signed_of(e.port))
      .bind(10, signed_of(e.protocol))
      .bind(11, result)
      .bind(12, signed_of(e.bytes_out))
      .bind(13, signed_of(e.bytes_in))
      .bind(14, signed_of(e.duration_ns));
  return insert_.run();
}

}  // namespace tocsin
