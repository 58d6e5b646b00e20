// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "support/history_builder.hpp"

#include <stdexcept>

#include "history/schema.hpp"

namespace tocsin::test {
namespace {

template <typename T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message);
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

Database create(const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  auto database =
      must(Database::open((folder / kSeenFile).string(), {.mode = Database::Mode::kCreate}));
  must(prepare_schema(database, HistoryFile::kSeen));
  return database;
}

}  // namespace

HistoryBuilder::HistoryBuilder(const std::filesystem::path& folder)
    : folder_(folder), database_(create(folder)) {}

HistoryBuilder& HistoryBuilder::run(const BuiltRun& run) {
  auto insert = must(database_.prepare(
      "INSERT INTO run(boot_id,version,kernel,started_ns,alive_ns,stopped_ns,hooks) "
      "VALUES('boot','1','6.1',?1,?2,?3,?4)"));
  insert.bind(1, run.started_ns).bind(2, run.alive_ns).bind(3, run.stopped_ns);
  insert.bind_text(4, run.hooks);
  must(insert.run());
  return *this;
}

HistoryBuilder& HistoryBuilder::seen(const SightingRow& row) {
  auto insert =
      must(database_.prepare("INSERT INTO seen VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,"
                             "?14,?15)"));
  insert.bind(1, static_cast<std::int64_t>(row.kind)).bind_blob(2, row.value);
  insert.bind_blob(3, row.subject).bind_text(4, row.container);
  insert.bind(5, row.first_ns).bind(6, row.last_ns);
  insert.bind(7, static_cast<std::int64_t>(row.count)).bind(8, static_cast<std::int64_t>(row.days));
  insert.bind(9, static_cast<std::int64_t>(row.flags)).bind(10, row.first_who);
  insert.bind(11, row.last_who);
  insert.bind(12, std::int64_t{row.first_process.pid});
  insert.bind(13, static_cast<std::int64_t>(row.first_process.start_ns));
  insert.bind(14, std::int64_t{row.last_process.pid});
  insert.bind(15, static_cast<std::int64_t>(row.last_process.start_ns));
  must(insert.run());
  return *this;
}

HistoryBuilder& HistoryBuilder::name(std::string_view name, WallNs first, WallNs last,
                                     std::uint64_t count) {
  SightingRow row;
  row.kind = SeenKind::kName;
  row.value = reversed_labels(name);
  row.subject = to_value(digest_number(9));
  row.first_ns = first;
  row.last_ns = last;
  row.count = count;
  row.days = 1 + static_cast<std::uint64_t>((last - first) / kDay);
  row.flags = static_cast<std::uint32_t>(SeenFlag::kAsked);
  return seen(row);
}

HistoryBuilder& HistoryBuilder::destination(const char* address, std::uint16_t port, WallNs first,
                                            WallNs last) {
  SightingRow row;
  row.kind = SeenKind::kDestination;
  row.value = to_value(SeenDestination{*IpAddress::parse(address), port, 6});
  row.subject = to_value(digest_number(9));
  row.first_ns = first;
  row.last_ns = last;
  row.count = row.days = 1;
  row.flags = static_cast<std::uint32_t>(SeenFlag::kConnected);
  return seen(row);
}

HistoryBuilder& HistoryBuilder::program(const Sha256& digest, std::string_view path, WallNs first,
                                        WallNs last) {
  SightingRow row;
  row.value = to_value(digest);
  row.subject = path;
  row.first_ns = first;
  row.last_ns = last;
  row.count = row.days = 1;
  return seen(row);
}

HistoryBuilder& HistoryBuilder::content(const Sha256& digest, const SeenContent& content) {
  auto insert = must(
      database_.prepare("INSERT INTO content(sha256,sha1,md5,size,path) VALUES(?1,?2,?3,?4,?5)"));
  const auto value = to_value(digest);
  std::string sha1, md5;
  insert.bind_blob(1, value);
  if (content.sha1) sha1.assign(content.sha1->bytes.begin(), content.sha1->bytes.end());
  if (content.md5) md5.assign(content.md5->bytes.begin(), content.md5->bytes.end());
  if (content.sha1) insert.bind_blob(2, sha1);
  if (content.md5) insert.bind_blob(3, md5);
  insert.bind_text(5, content.path);
  must(insert.run());
  return *this;
}

std::int64_t HistoryBuilder::who(std::string_view facts) {
  auto insert = must(database_.prepare("INSERT INTO who VALUES(?1,?2,?3)"));
  const auto digest = std::to_string(next_who_);
  insert.bind(1, next_who_).bind_blob(2, digest).bind_text(3, facts);
  must(insert.run());
  return next_who_++;
}

HistoryBuilder& HistoryBuilder::sql(const std::string& statement) {
  must(database_.run(statement));
  return *this;
}

HistoryReader HistoryBuilder::reader() const {
  return must(HistoryReader::open(folder_));
}

Sha256 digest_number(std::uint32_t number) {
  Sha256 out;
  for (std::size_t i = 0; i < out.bytes.size(); ++i)
    out.bytes[i] = static_cast<std::uint8_t>((number >> (8 * (i % 4))) ^ (i * 37));
  return out;
}

}  // namespace tocsin::test
