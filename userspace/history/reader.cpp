// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "history/reader.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "history/history_limits.hpp"
#include "history/schema.hpp"

namespace tocsin {
namespace {

constexpr std::string_view kColumns =
    "kind,value,subject,container,first_ns,last_ns,count,days,flags,first_who,last_who,"
    "first_pid,first_start,last_pid,last_start";

std::optional<std::int64_t> optional_integer(const Statement& row, int column) {
  return row.is_null(column) ? std::nullopt : std::optional(row.integer(column));
}

std::uint64_t count_of(const Statement& row, int column) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(row.integer(column), 0));
}

ProcessId process_of(const Statement& row, int pid_column) {
  ProcessId out;
  out.pid = static_cast<std::uint32_t>(row.integer(pid_column));
  out.start_ns = count_of(row, pid_column + 1);
  return out;
}

// Strings keep their capacity from row to row.
void read_row(const Statement& row, SightingRow& out) {
  out.kind = static_cast<SeenKind>(row.integer(0));
  out.value = row.bytes(1);
  out.subject = row.bytes(2);
  out.container = row.bytes(3);
  out.first_ns = row.integer(4);
  out.last_ns = row.integer(5);
  out.count = count_of(row, 6);
  out.days = count_of(row, 7);
  out.flags = static_cast<std::uint32_t>(row.integer(8));
  out.first_who = optional_integer(row, 9);
  out.last_who = optional_integer(row, 10);
  out.first_process = process_of(row, 11);
  out.last_process = process_of(row, 13);
}

template <typename Digest>
std::optional<Digest> digest_of(std::string_view bytes) {
  Digest out;
  if (bytes.size() != Digest::kBytes) return std::nullopt;
  std::ranges::transform(bytes, out.bytes.begin(),
                         [](char c) { return static_cast<std::uint8_t>(c); });
  return out;
}

template <std::size_t N>
std::string bytes_of(const DigestOf<N>& digest) {
  return {digest.bytes.begin(), digest.bytes.end()};
}

}  // namespace

Result<HistoryReader> HistoryReader::open(const std::filesystem::path& folder) {
  TOCSIN_TRY(auto database, Database::open((folder / kSeenFile).string(), {}));
  TOCSIN_TRY_VOID(check_schema(database, HistoryFile::kSeen));
  HistoryReader reader(std::move(database), folder);
  TOCSIN_TRY_VOID(reader.prepare());
  return reader;
}

Result<void> HistoryReader::prepare() {
  const auto from = fmt::format("SELECT {} FROM seen WHERE ", kColumns);
  TOCSIN_TRY(range_, database_.prepare(from + "kind=?1 AND value>=?2 AND value<?3"));
  TOCSIN_TRY(slice_, database_.prepare(from + "(kind,value,subject,container)>(?1,?2,?3,?4) "
                                              "ORDER BY kind,value,subject,container LIMIT ?5"));
  TOCSIN_TRY(content_, database_.prepare("SELECT path,size,sha1,md5 FROM content WHERE sha256=?1"));
  TOCSIN_TRY(by_sha1_, database_.prepare("SELECT sha256 FROM content WHERE sha1=?1"));
  TOCSIN_TRY(by_md5_, database_.prepare("SELECT sha256 FROM content WHERE md5=?1"));
  TOCSIN_TRY(who_, database_.prepare("SELECT facts FROM who WHERE id=?1"));
  TOCSIN_TRY(reported_,
             database_.prepare("SELECT 1 FROM reported WHERE set_name=?1 AND indicator=?2 AND "
                               "kind=?3 AND value=?4"));
  return {};
}

Result<void> HistoryReader::rows(SeenKind kind, const ValueRange& range, const Visit& visit) {
  range_.bind(1, static_cast<std::int64_t>(kind)).bind_blob(2, range.from).bind_blob(3, range.to);
  SightingRow row;
  for (;;) {
    TOCSIN_TRY(const bool there, range_.step());
    if (there) read_row(range_, row);
    if (!there || !visit(row)) break;
  }
  range_.reset();
  return {};
}

Result<bool> HistoryReader::slice(Position& after, std::size_t rows_max, const Visit& visit) {
  slice_.bind(1, after.kind).bind_blob(2, after.value).bind_blob(3, after.subject);
  slice_.bind_text(4, after.container).bind(5, static_cast<std::int64_t>(rows_max));
  SightingRow row;
  bool any = false;
  for (;;) {
    TOCSIN_TRY(const bool there, slice_.step());
    if (there) read_row(slice_, row);
    any = any || there;
    if (!there || !visit(row)) break;
  }
  slice_.reset();
  if (any) after = {static_cast<std::int64_t>(row.kind), row.value, row.subject, row.container};
  return any;
}

Result<std::optional<SeenContent>> HistoryReader::content(std::string_view sha256) {
  content_.bind_blob(1, sha256);
  TOCSIN_TRY(const bool there, content_.step());
  std::optional<SeenContent> out;
  if (there) {
    out.emplace();
    out->path = content_.bytes(0);
    if (!content_.is_null(1)) out->size = count_of(content_, 1);
    out->sha1 = digest_of<Sha1>(content_.bytes(2));
    out->md5 = digest_of<Md5>(content_.bytes(3));
  }
  content_.reset();
  return out;
}

Result<std::vector<std::string>> HistoryReader::blobs(Statement& statement,
                                                      std::string_view bound) {
  statement.bind_blob(1, bound);
  std::vector<std::string> out;
  while (out.size() < limits::kHuntContentsMax) {
    TOCSIN_TRY(const bool there, statement.step());
    if (!there) break;
    out.emplace_back(statement.bytes(0));
  }
  statement.reset();
  return out;
}

Result<std::vector<std::string>> HistoryReader::contents_by(const Sha1& digest) {
  return blobs(by_sha1_, bytes_of(digest));
}

Result<std::vector<std::string>> HistoryReader::contents_by(const Md5& digest) {
  return blobs(by_md5_, bytes_of(digest));
}

Result<void> HistoryReader::content_paths(const VisitPath& visit) {
  TOCSIN_TRY(auto all, database_.prepare("SELECT sha256,path FROM content WHERE path IS NOT NULL"));
  for (;;) {
    TOCSIN_TRY(const bool there, all.step());
    if (!there || !visit(all.bytes(0), all.bytes(1))) return {};
  }
}

Result<HistoryReader::ContentCounts> HistoryReader::content_counts() {
  TOCSIN_TRY(auto counts, database_.prepare("SELECT count(*),count(sha1),count(md5) FROM content"));
  ContentCounts out;
  TOCSIN_TRY(const bool there, counts.step());
  if (!there) return out;
  out.all = count_of(counts, 0);
  out.without_sha1 = out.all - count_of(counts, 1);
  out.without_md5 = out.all - count_of(counts, 2);
  return out;
}

Result<std::string> HistoryReader::who(std::int64_t id) {
  who_.bind(1, id);
  TOCSIN_TRY(const bool there, who_.step());
  std::string out(there ? who_.bytes(0) : std::string_view());
  who_.reset();
  return out;
}

Result<bool> HistoryReader::reported(const IndicatorName& indicator, SeenKind kind,
                                     std::string_view value) {
  reported_.bind_text(1, indicator.set).bind_text(2, indicator.value);
  reported_.bind(3, static_cast<std::int64_t>(kind)).bind_blob(4, value);
  TOCSIN_TRY(const bool there, reported_.step());
  reported_.reset();
  return there;
}

}  // namespace tocsin
