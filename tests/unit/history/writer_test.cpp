// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "history/writer.hpp"

#include <sys/stat.h>

#include <fstream>

#include "history_fixture.hpp"

namespace tocsin::test {
namespace {

struct Bench {
  TempDir dir;
  std::string folder = dir / "history";
  std::shared_ptr<VirtualClock> clock = history_clock();
  HistoryOptions options = history_options(folder);
  std::string seen = folder + "/seen.db";

  std::unique_ptr<HistoryWriter> writer() {
    return std::make_unique<HistoryWriter>(options, clock);
  }
};

void write_name(HistoryWriter& writer, WallNs at, const Who& who, std::string_view name = "com.a") {
  HistoryBatch batch;
  batch.see(name_seen(name, at, who));
  REQUIRE(writer.write(batch));
}

TEST_CASE("rows go on from batch to batch and from run to run", "[history]") {
  Bench bench;
  const auto early = make_who("{\"path\":\"/early\"}"), late = make_who("{\"path\":\"/late\"}");
  {
    auto writer = bench.writer();
    write_name(*writer, kNoon, early);
    write_name(*writer, kNoon + kSecond, late);
    REQUIRE(writer->end_run());
  }
  bench.options.run.started_ns = kNoon + kDay;
  bench.clock->advance_to(kNoon + kDay + kSecond);
  auto writer = bench.writer();
  write_name(*writer, kNoon + kDay, late);
  CHECK(number_in(bench.seen, "SELECT count(*) FROM seen") == 1);
  CHECK(number_in(bench.seen, "SELECT first_ns FROM seen") == kNoon);
  CHECK(number_in(bench.seen, "SELECT last_ns FROM seen") == kNoon + kDay);
  CHECK(number_in(bench.seen, "SELECT count FROM seen") == 3);
  CHECK(number_in(bench.seen, "SELECT days FROM seen") == 2);
  CHECK(number_in(bench.seen, "SELECT count(*) FROM who") == 2);
  CHECK(number_in(bench.seen,
                  "SELECT count(*) FROM seen JOIN who ON who.id=first_who "
                  "WHERE facts='{\"path\":\"/early\"}'") == 1);
  CHECK(number_in(bench.seen,
                  "SELECT count(*) FROM seen JOIN who ON who.id=last_who "
                  "WHERE facts='{\"path\":\"/late\"}'") == 1);
  // The first run stopped in order, the second is alive.
  CHECK(number_in(bench.seen, "SELECT count(*) FROM run") == 2);
  CHECK(number_in(bench.seen, "SELECT stopped_ns FROM run WHERE id=1") == kNoon);
  CHECK(number_in(bench.seen, "SELECT stopped_ns IS NULL FROM run WHERE id=2") == 1);
  CHECK(number_in(bench.seen, "SELECT alive_ns FROM run WHERE id=2") == kNoon + kDay + kSecond);
}

TEST_CASE("days count once, whatever order batches tell them in", "[history]") {
  Bench bench;
  auto writer = bench.writer();
  const auto days = [&] { return number_in(bench.seen, "SELECT days FROM seen"); };
  write_name(*writer, kNoon, nullptr);
  write_name(*writer, kNoon + kSecond, nullptr);
  CHECK(days() == 1);
  HistoryBatch midnight;  // two days, the first is known
  midnight.see(name_seen("com.a", kNoon + kDay / 2 - 1, nullptr));
  midnight.see(name_seen("com.a", kNoon + kDay / 2, nullptr));
  REQUIRE(writer->write(midnight));
  CHECK(days() == 2);
  write_name(*writer, kNoon - kDay, nullptr);  // the clock was set back
  CHECK(days() == 2);
  CHECK(number_in(bench.seen, "SELECT first_ns FROM seen") == kNoon - kDay);
  CHECK(number_in(bench.seen, "SELECT last_ns FROM seen") == kNoon + kDay / 2);
}

TEST_CASE("single events go to the file of their day", "[history]") {
  Bench bench;
  auto writer = bench.writer();
  HistoryBatch batch;
  batch.add(event_at(kNoon + kDay / 2 - 1));
  batch.add(event_at(kNoon + kDay / 2));
  batch.add(event_at(kNoon + kDay / 2 - 2));  // waited for its digest
  auto contact = event_at(kNoon + kDay / 2 + 1);
  contact.kind = "connect";
  contact.address = IpAddress::parse("192.0.2.1");
  contact.port = 443;
  contact.result = "ok";
  contact.who = make_who("{\"path\":\"/p\"}");
  batch.add(contact);
  REQUIRE(writer->write(batch));
  CHECK(batch.empty());
  CHECK(number_in(bench.folder + "/day-2026-11-26.db", "SELECT count(*) FROM event") == 2);
  const auto next = bench.folder + "/day-2026-11-27.db";
  CHECK(number_in(next, "SELECT count(*) FROM event") == 2);
  CHECK(number_in(next,
                  "SELECT count(*) FROM event e JOIN text k ON k.id=e.kind "
                  "JOIN text v ON v.id=e.value JOIN text r ON r.id=e.result "
                  "JOIN text w ON w.id=e.who "
                  "WHERE k.value=CAST('connect' AS BLOB) AND v.value=CAST('192.0.2.1' AS BLOB) "
                  "AND r.value=CAST('ok' AS BLOB) AND w.value=CAST('{\"path\":\"/p\"}' AS BLOB) "
                  "AND port=443 AND bytes_out IS NULL") == 1);
}

TEST_CASE("notes are kept by minute, period and indicator", "[history]") {
  Bench bench;
  auto writer = bench.writer();
  for (int round = 0; round < 2; ++round) {
    HistoryBatch batch;
    batch.add_lost(120 * kSecond, "ring/exec", 3);
    batch.add_hashed(119 * kSecond, "gone");
    batch.add_blind({1, 2, "exec"});
    batch.add_reported({"set", "evil.com", SeenKind::kName, "com.evil", 5});
    ContentFacts content{.digests = {}, .path = "/bin/x", .size = 9};
    if (round == 0) content.digests.md5 = Md5{};
    batch.add_content(content);
    REQUIRE(writer->write(batch));
  }
  CHECK(number_in(bench.seen, "SELECT count FROM lost WHERE minute=2 AND stage='ring/exec'") == 6);
  CHECK(number_in(bench.seen, "SELECT count FROM hashed WHERE minute=1 AND outcome='gone'") == 2);
  CHECK(number_in(bench.seen, "SELECT count(*) FROM blind") == 2);
  CHECK(number_in(bench.seen,
                  "SELECT count(*) FROM reported WHERE value=CAST('com.evil' AS BLOB)") == 1);
  // What a later reading does not know stays.
  CHECK(number_in(bench.seen, "SELECT length(md5) FROM content") == 16);
}

TEST_CASE("a damaged file is set aside and begun anew", "[history]") {
  Bench bench;
  bench.writer()->write(*std::make_unique<HistoryBatch>());
  for (const auto* part : {"", "-wal", "-shm"}) std::filesystem::remove(bench.seen + part);
  std::ofstream(bench.seen) << std::string(16'384, 'x');
  auto writer = bench.writer();
  write_name(*writer, kNoon, nullptr);
  const auto facts = writer->take_facts();
  REQUIRE(facts.remarks.size() == 1);
  CHECK(facts.remarks[0].find("set aside as") != std::string::npos);
  CHECK(number_in(bench.seen, "SELECT count(*) FROM seen") == 1);
  CHECK(number_in(bench.seen, "SELECT count(*) FROM run") == 1);
  CHECK(std::filesystem::exists(bench.seen + ".broken-" + std::to_string(kNoon / kSecond)));
}

TEST_CASE("a newer file is refused, said and left alone", "[history]") {
  Bench bench;
  {
    auto writer = bench.writer();
    write_name(*writer, kNoon, nullptr);
  }
  auto database = Database::open(bench.seen, {.mode = Database::Mode::kCreate});
  REQUIRE(database->run("PRAGMA user_version=9"));
  HistoryBatch batch;
  batch.see(name_seen("com.b", kNoon, nullptr));
  const auto refused = bench.writer()->write(batch);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::kUnsupported);
  CHECK(batch.seen().size() == 1);  // kept for the next attempt
  CHECK(*database->integer("SELECT count(*) FROM seen") == 1);
}

TEST_CASE("only owner and group may read", "[history]") {
  Bench bench;
  auto writer = bench.writer();
  HistoryBatch batch;
  batch.add(event_at(kNoon));
  REQUIRE(writer->write(batch));
  const auto mode_of = [](const std::string& path) {
    struct stat st {};
    REQUIRE(::stat(path.c_str(), &st) == 0);
    return st.st_mode & 0777;
  };
  CHECK((mode_of(bench.folder) & ~mode_t{0750}) == 0);
  for (const auto* name : {"/seen.db", "/seen.db-wal", "/seen.db-shm", "/day-2026-11-26.db"})
    CHECK((mode_of(bench.folder + name) & ~mode_t{0640}) == 0);
}

}  // namespace
}  // namespace tocsin::test
