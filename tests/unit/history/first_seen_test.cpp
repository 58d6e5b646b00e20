// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "history/first_seen.hpp"

#include <string>

#include "support/history_builder.hpp"
#include "support/test.hpp"

using namespace tocsin;
using namespace tocsin::test;

namespace {

FirstSeen found_since(const HistoryBuilder& built, WallNs since) {
  auto reader = built.reader();
  auto found = first_seen(reader, since, {});
  REQUIRE(found.has_value());
  return std::move(*found);
}

}  // namespace

TEST_CASE("new is what no program had ever met before", "[history]") {
  const TempDir dir;
  HistoryBuilder built(dir.path());
  built.run(
      {.started_ns = kHistoryStart, .alive_ns = kHistoryStart + 10 * kHour, .stopped_ns = {}});
  const auto since = kHistoryStart + 5 * kHour;
  built.name("old.example", kHistoryStart, since + kHour);
  built.name("new.example", since, since + kHour);
  built.destination("192.0.2.7", 443, since + kHour, since + kHour);
  Sha256 content;
  content.bytes.fill(0xab);
  built.program(content, "/opt/new", since + 2 * kHour, since + 2 * kHour);
  built.content(content, {.path = "/opt/new", .size = {}, .sha1 = {}, .md5 = {}});
  // Another program met the name long ago: for the host it is not new.
  built.name("shared.example", since + kHour, since + kHour);
  built.sql("INSERT INTO seen SELECT kind,value,x'01',container," + std::to_string(kHistoryStart) +
            ",last_ns,count,days,flags,NULL,NULL,NULL,NULL,NULL,NULL "
            "FROM seen WHERE value=CAST('example.shared' AS BLOB)");
  // What ran when coverage began is of unknown age.
  built.name("running.example", since + kHour, since + kHour);
  built.sql("UPDATE seen SET flags=flags|1 WHERE value=CAST('example.running' AS BLOB)");

  const auto found = found_since(built, since);
  std::string all;
  for (const auto& one : found.seen) all += one.value + " ";
  std::string hex;
  for (std::size_t i = 0; i < Sha256::kBytes; ++i) hex += "ab";
  CHECK(all == hex + " new.example 192.0.2.7:443/tcp ");
  CHECK(found.seen[0].path == "/opt/new");
  CHECK(found.more == 0);
  CHECK(!found.cut);
  CHECK(found_since(built, since + 9 * kHour).seen.empty());
}

TEST_CASE("a long list of what is new is cut, and says by how much", "[history]") {
  const TempDir dir;
  HistoryBuilder built(dir.path());
  built.run({.started_ns = kHistoryStart, .alive_ns = kHistoryStart + kHour, .stopped_ns = {}});
  built.sql("BEGIN");
  for (std::size_t i = 0; i < limits::kFirstSeenMax + 7; ++i)
    built.name("n" + std::to_string(i) + ".example", kHistoryStart, kHistoryStart);
  built.sql("COMMIT");
  const auto found = found_since(built, kHistoryStart);
  CHECK(found.seen.size() == limits::kFirstSeenMax);
  CHECK(found.more == 7);
}
