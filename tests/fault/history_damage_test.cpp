// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// One bad page in the middle of a file that still opens: the file is set aside as soon as that is
// met, and the history goes on.
#include <fmt/format.h>

#include <fstream>

#include "history/alert_store.hpp"
#include "history/coverage.hpp"
#include "unit/history/damage.hpp"

namespace tocsin::test {
namespace {

constexpr const char* kDayName = "/day-2026-11-26.db";
constexpr int kRows = 3'000;

void add_row(HistoryBatch& batch, int n, const Who& who) {
  batch.see(name_seen("com.n" + std::to_string(n), kNoon, who));
  ContentFacts content{.digests = {}, .path = "/bin/x", .size = 1};
  content.digests.sha256.bytes[0] = static_cast<std::uint8_t>(n);
  content.digests.sha256.bytes[1] = static_cast<std::uint8_t>(n >> 8);
  content.digests.sha1 = Sha1{};
  batch.add_content(content);
  batch.add_lost(kNoon + n * 60 * kSecond, "ring/exec", 1);
  batch.add(event_at(kNoon, "n" + std::to_string(n)));
}

struct Bench {
  TempDir dir;
  std::string folder = dir.file("history");
  std::string seen = folder + "/seen.db", day = folder + kDayName;
  std::shared_ptr<VirtualClock> clock = history_clock();

  // A history of one run that has ended.
  Bench() {
    HistoryWriter writer(history_options(folder), clock);
    HistoryBatch batch;
    for (int n = 0; n < kRows; ++n) add_row(batch, n, make_who(fmt::format("{{\"uid\":{}}}", n)));
    REQUIRE(writer.write(batch));
    REQUIRE(writer.end_run());
  }
};

TEST_CASE("a bad page of seen.db costs that file, not the history", "[fault][history]") {
  const auto* object =
      GENERATE("seen", "sqlite_autoindex_who_1", "content", "content_by_sha1", "lost");
  CAPTURE(object);
  Bench bench;
  damage(bench.seen, object);
  bench.clock->advance_to(kNoon + kDay / 4);
  HistoryWriter writer(history_options(bench.folder), bench.clock);
  HistoryBatch batch;
  for (int n = kRows; n < kRows + 10; ++n) add_row(batch, n, make_who(std::to_string(n)));
  REQUIRE(writer.write(batch));
  CHECK(batch.empty());
  const auto facts = writer.take_facts();
  REQUIRE(facts.remarks.size() == 1);
  CHECK(facts.remarks[0].find("malformed: set aside as") != std::string::npos);
  CHECK(number_in(bench.seen, "SELECT count(*) FROM seen") == 10);
  CHECK(number_in(bench.seen, "SELECT count(*) FROM content") == 10);
  CHECK(number_in(bench.seen, "SELECT count(*) FROM run") == 1);
  CHECK(std::filesystem::exists(
      fmt::format("{}.broken-{}", bench.seen, (kNoon + kDay / 4) / kSecond)));
}

TEST_CASE("a file begun anew does not vouch for the time before", "[fault][history]") {
  Bench bench;
  auto options = history_options(bench.folder);
  options.run.started_ns = kNoon;
  damage(bench.seen, "lost");
  HistoryWriter writer(options, bench.clock);
  HistoryBatch batch;
  REQUIRE(writer.write(batch));  // nothing that meets it
  const auto now = kNoon + 60 * kDay;
  bench.clock->advance_to(now);
  batch.add_lost(now, "ring/exec", 1);
  REQUIRE(writer.write(batch));
  REQUIRE(writer.take_facts().begun_anew == 1);
  auto reader = HistoryReader::open(bench.folder);
  REQUIRE(reader);
  const auto coverage = read_coverage(*reader, {.since_ns = now - kDay, .now_ns = now + kSecond});
  REQUIRE(coverage);
  CHECK(coverage->kept_from_ns == now);
  CHECK(coverage->begins_early());
  CHECK(coverage->watched_ns() == kSecond);
}

TEST_CASE("a bad page that only the sweep meets costs that file, too", "[fault][history]") {
  Bench bench;
  damage(bench.seen, "content_by_sha1");
  HistoryWriter writer(history_options(bench.folder), bench.clock);
  HistoryBatch batch;
  batch.see(name_seen("com.other", kNoon, nullptr));
  REQUIRE(writer.write(batch));
  bench.clock->advance_to(kNoon + 91 * kDay);  // all are old, and so are their contents
  CHECK_FALSE(writer.maintain());
  CHECK(writer.take_facts().remarks.size() == 1);
  HistoryBatch later;
  later.see(name_seen("com.later", kNoon + 92 * kDay, nullptr));
  REQUIRE(writer.write(later));
  CHECK(writer.maintain());
  CHECK(number_in(bench.seen, "SELECT count(*) FROM seen") == 1);
}

TEST_CASE("a bad page of a day's file costs that day's events only", "[fault][history]") {
  const auto* object = GENERATE("text", "sqlite_autoindex_text_1", "event");
  CAPTURE(object);
  Bench bench;
  damage(bench.day, object);
  HistoryWriter writer(history_options(bench.folder), bench.clock);
  HistoryBatch batch;
  for (int n = kRows; n < kRows + 10; ++n) add_row(batch, n, nullptr);
  REQUIRE(writer.write(batch));
  CHECK(batch.empty());
  CHECK(writer.take_facts().remarks.size() == 1);
  CHECK(number_in(bench.day, "SELECT count(*) FROM event") == 10);
  CHECK(number_in(bench.seen, "SELECT count(*) FROM seen") == kRows + 10);
}

TEST_CASE("of damaged days' files the last few stay", "[fault][history]") {
  const TempDir dir;
  auto clock = history_clock();
  HistoryWriter writer(history_options(dir.file("history")), clock);
  for (int day = 0; day < 6; ++day) {
    const auto at = kNoon + day * kDay;
    clock->advance_to(at);
    std::filesystem::create_directories(dir.file("history"));
    std::ofstream(dir.file("history/") + day_file_name(at)) << std::string(16'384, 'x');
    HistoryBatch batch;
    batch.add(event_at(at));
    REQUIRE(writer.write(batch));
  }
  std::vector<std::string> broken;
  for (const auto& entry : std::filesystem::directory_iterator(dir.file("history")))
    if (entry.path().filename().string().find(".broken-") != std::string::npos)
      broken.push_back(entry.path().filename().string());
  std::ranges::sort(broken);
  REQUIRE(broken.size() == limits::kHistoryBrokenKept);
  CHECK(broken.front().starts_with("day-2026-11-29.db.broken-"));
}

// A folder in the file's place: what cannot be set aside.
TEST_CASE("events that find no place hold up no sightings, and old days go", "[fault][history]") {
  const TempDir dir;
  const auto folder = dir.file("history");
  auto options = history_options(folder);
  options.pending = {.events_max = 5};
  options.max_bytes = 1;
  std::filesystem::create_directories(folder + kDayName);
  std::ofstream(folder + "/day-2026-11-01.db") << "xx";  // over max_bytes
  {
    HistoryStore store(options, history_clock());
    for (int n = 0; n < 20; ++n) {
      {
        auto pending = store.pending();
        add_row(*pending, n, nullptr);
      }
      CHECK_FALSE(store.flush_wait(kSoon));
    }
    CHECK(number_in(folder + "/seen.db", "SELECT count(*) FROM seen") == 20);
    CHECK(store.status().state == HistoryState::kFailing);
    CHECK(store.status().lost_events == 15);
    CHECK_FALSE(std::filesystem::exists(folder + "/day-2026-11-01.db"));
    std::filesystem::remove(folder + kDayName);
    REQUIRE(store.flush_wait(kSoon));
    CHECK(store.status().state == HistoryState::kOk);
  }
  // The oldest, in their order.
  CHECK(number_in(folder + kDayName, "SELECT count(*) FROM event") == 5);
  CHECK(number_in(folder + kDayName,
                  "SELECT count(*) FROM event JOIN text ON text.id=event.value "
                  "WHERE text.value=CAST('n'||(event.rowid-1) AS BLOB)") == 5);
}

TEST_CASE("a bad page of alerts.db costs that file, not the next alerts", "[fault][history]") {
  const auto* object = GENERATE("alert", "sqlite_autoindex_alert_1", "alert_by_time");
  CAPTURE(object);
  const TempDir dir;
  const auto folder = dir.file("history"), file = folder + "/alerts.db";
  const auto add = [](AlertStore& store, int n) {
    RenderedAlert rendered;
    rendered.alert.id = std::to_string(n);
    rendered.alert.time_ns = rendered.alert.reported_ns = kNoon + n;
    rendered.json = "{}";
    store.add(rendered);
  };
  {
    AlertStore store({.place = {folder, {}}});
    for (int n = 0; n < kRows; ++n) add(store, n);
    REQUIRE(store.stop(kSoon));
  }
  damage(file, object);
  AlertStore store({.place = {folder, {}}});
  for (int n = 0; n < 10; ++n) add(store, kRows + n);
  REQUIRE(store.stop(kSoon));
  CHECK(number_in(file, "SELECT count(*) FROM alert") == 10);
  const auto remarks = store.take_remarks();
  REQUIRE(remarks.size() == 1);
  CHECK(remarks[0].find("malformed: set aside as") != std::string::npos);
}

}  // namespace
}  // namespace tocsin::test
