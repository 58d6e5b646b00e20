// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "history/retention.hpp"

#include <fstream>

#include "history/schema.hpp"
#include "history/writer.hpp"
#include "history_fixture.hpp"

namespace tocsin::test {
namespace {

constexpr std::int64_t kToday = kNoon / kDay;

void make_day(const TempDir& dir, std::int64_t day, std::size_t bytes = 1000) {
  const auto name = day_file_name(day * kDay);
  std::ofstream(dir / name) << std::string(bytes / 2, 'x');
  std::ofstream((dir / name).string() + "-wal") << std::string(bytes / 2, 'x');
}

std::vector<std::int64_t> days_left(const TempDir& dir, const DayRetention& rule) {
  const auto kept = retain_day_files(dir.path(), rule);
  REQUIRE(kept);
  std::vector<std::int64_t> days;
  for (const auto& file : *kept) days.push_back(file.day - kToday);
  return days;
}

using Days = std::vector<std::int64_t>;

TEST_CASE("files of days go by age, with all their parts", "[history]") {
  const TempDir dir;
  for (const int ago : {0, 1, 2, 3, 400}) make_day(dir, kToday - ago);
  CHECK(days_left(dir, {.today = kToday, .days = 2, .max_bytes = 1 << 20}) == Days{-1, 0});
  CHECK(std::distance(std::filesystem::directory_iterator(dir.path()), {}) == 4);
}

TEST_CASE("files of days go by size, oldest first, but never today's", "[history]") {
  const TempDir dir;
  for (const int ago : {0, 1, 2}) make_day(dir, kToday - ago);
  CHECK(days_left(dir, {.today = kToday, .days = 30, .max_bytes = 2000}) == Days{-1, 0});
  CHECK(days_left(dir, {.today = kToday, .days = 30, .max_bytes = 10}) == Days{0});
}

TEST_CASE("a clock that was or is wrong costs no file by age", "[history]") {
  const TempDir dir;
  for (const int ago : {-3'000, 0, 1}) make_day(dir, kToday - ago);
  // The present, with a file from a time when the clock was ahead; then a clock that is behind.
  CHECK(days_left(dir, {.today = kToday, .days = 30, .max_bytes = 1 << 20}) == Days{-1, 0, 3'000});
  CHECK(days_left(dir, {.today = 0, .days = 30, .max_bytes = 1 << 20}) == Days{-1, 0, 3'000});
  // For room the past goes first.
  CHECK(days_left(dir, {.today = kToday, .days = 30, .max_bytes = 2000}) == Days{0, 3'000});

  auto clock = history_clock();
  SteadyClock steady(*clock);
  CHECK_FALSE(steady.steady());
  clock->advance_to(kNoon + 700 * kSecond);
  CHECK(steady.steady());
  clock->set_boot_epoch(kNoon - kDay / 2 + 900 * kDay);  // set forward by years
  clock->advance_to(kNoon + 700 * kSecond + 900 * kDay);
  CHECK_FALSE(steady.steady());
  clock->advance_to(kNoon + 1'400 * kSecond + 900 * kDay);
  CHECK(steady.steady());
}

TEST_CASE("sightings go by age and by count, and meta says since when it is whole", "[history]") {
  const TempDir dir;
  auto options = history_options(dir / "h");
  options.seen_rows_max = 100;
  auto clock = history_clock();
  HistoryWriter writer(options, clock);
  const auto seen = dir / "h/seen.db";
  const auto who = make_who("{\"path\":\"/old\"}");
  HistoryBatch old;
  old.add_content({.digests = {}, .path = "/old", .size = 1});
  old.see(name_seen("com.old", kNoon - 91 * kDay, who));
  old.add_reported({"s", "old.com", SeenKind::kName, "com.old", kNoon - 91 * kDay});
  old.see(name_seen("com.kept", kNoon - 89 * kDay, nullptr));
  REQUIRE(writer.write(old));
  REQUIRE(writer.maintain());  // the clock is not believed yet
  CHECK(number_in(seen, "SELECT count(*) FROM seen") == 2);
  clock->advance_to(kNoon + 700 * kSecond);
  REQUIRE(writer.maintain());
  CHECK(number_in(seen, "SELECT count(*) FROM seen") == 1);
  CHECK(number_in(seen, "SELECT count(*) FROM who") == 0);
  CHECK(number_in(seen, "SELECT count(*) FROM content") == 0);
  CHECK(writer.take_facts().contents_dropped == 1);
  CHECK(number_in(seen, "SELECT count(*) FROM reported") == 0);
  CHECK(number_in(seen, "SELECT value FROM meta WHERE name='seen_complete_since_ns'") ==
        kNoon + 700 * kSecond - 90 * kDay);
  CHECK(number_in(seen, "SELECT count(*) FROM meta WHERE name='seen_dropped'") == 0);

  HistoryBatch many;
  for (int i = 0; i < 120; ++i)
    many.see(name_seen("com." + std::to_string(i), kNoon + i * kSecond, nullptr));
  REQUIRE(writer.write(many));
  REQUIRE(writer.maintain());
  CHECK(number_in(seen, "SELECT count(*) FROM seen") == 95);
  const auto since = number_in(seen, "SELECT value FROM meta WHERE name='seen_complete_since_ns'");
  CHECK(since == kNoon + 24 * kSecond + 1);
  CHECK(number_in(seen, "SELECT min(last_ns) FROM seen") >= since);
  CHECK(number_in(seen, "SELECT value FROM meta WHERE name='seen_cut_ns'") == since);
  CHECK(number_in(seen, "SELECT value FROM meta WHERE name='seen_dropped'") == 26);
  CHECK(writer.take_facts().seen_rows == 95);
}

TEST_CASE("today's file alone does not grow over the limit", "[history]") {
  const TempDir dir;
  auto options = history_options(dir / "h");
  options.max_bytes = 64 * 1024;
  auto clock = history_clock();
  HistoryWriter writer(options, clock);
  const auto write = [&] {
    HistoryBatch batch;
    for (int i = 0; i < 2'000; ++i) batch.add(event_at(kNoon, "name" + std::to_string(i)));
    REQUIRE(writer.write(batch));
    clock->advance_to(clock->wall_ns() + 11 * kSecond);
    REQUIRE(writer.maintain());
  };
  write();
  CHECK(writer.take_facts().events_refused == 0);
  write();
  CHECK(writer.take_facts().events_written == 2'000);
  CHECK(writer.take_facts().events_refused == 2'000);
}

}  // namespace
}  // namespace tocsin::test
