// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "history/eviction.hpp"

#include <fmt/format.h>

#include <numeric>
#include <random>

#include "history/hunt.hpp"
#include "history_fixture.hpp"

namespace tocsin::test {
namespace {

using Numbers = std::vector<std::uint64_t>;

TEST_CASE("the largest are cut down to one level", "[history]") {
  CHECK(even_cut({10, 4, 3, 0}, 0) == Numbers{0, 0, 0});
  CHECK(even_cut({10, 4, 3, 0}, 5) == Numbers{5, 0, 0});
  CHECK(even_cut({10, 4, 3, 0}, 8) == Numbers{7, 1, 0});
  CHECK(even_cut({10, 4, 3, 0}, 17) == Numbers{10, 4, 3});
  CHECK(even_cut({10, 4, 3, 3}, 17) == Numbers{7, 1, 0});  // the floor
  CHECK(even_cut({0}, 5).empty());
  std::mt19937 random(7);
  for (int round = 0; round < 1'000; ++round) {
    Numbers sizes(1 + random() % 8);
    for (auto& size : sizes) size = random() % 50;
    std::ranges::sort(sizes, std::greater{});
    const auto floor = sizes.back();
    std::uint64_t most = 0;
    for (const auto size : sizes) most += size - floor;
    const auto excess = random() % 200;
    const auto cuts = even_cut(sizes, excess);
    const auto sum = std::accumulate(cuts.begin(), cuts.end(), std::uint64_t{0});
    CHECK(sum >= std::min<std::uint64_t>(excess, most));
    CHECK(sum < std::min<std::uint64_t>(excess, most) + sizes.size());
    for (std::size_t i = 1; i < cuts.size(); ++i)
      if (cuts[i] > 0) CHECK(sizes[i] - cuts[i] == sizes[0] - cuts[0]);
  }
}

struct Row {
  SeenKind kind = SeenKind::kName;
  int value = 0;  // and the second of the day, after noon
  std::string subject;
  WallNs day = 0;
};

struct Bench {
  TempDir dir;
  std::string folder = dir.file("h"), seen = folder + "/seen.db";
  std::shared_ptr<VirtualClock> clock = history_clock();
  HistoryOptions options = history_options(folder);

  Bench() {
    options.seen_rows_max = 200;
    // A quiet life, long ago: programs, and what they contacted.
    HistoryBatch quiet;
    for (int i = 0; i < 50; ++i) see(quiet, {SeenKind::kName, i, "quiet" + std::to_string(i), -9});
    for (int i = 0; i < 50; ++i) see(quiet, {SeenKind::kProgram, i, "/bin/x", -9});
    writer.emplace(options, clock);
    write(quiet);
  }

  static void see(HistoryBatch& batch, const Row& row) {
    const auto text = fmt::format("com.{}-{}", row.subject, row.value);
    batch.see({.kind = row.kind,
               .value = text,
               .subject = row.subject,
               .time_ns = kNoon + row.day * kDay + row.value * kSecond,
               .process = {},
               .who = nobody});
  }
  void write(HistoryBatch& batch) {
    REQUIRE(writer->write(batch));
    REQUIRE(writer->maintain());
  }
  std::int64_t quiet_rows() const {
    return number_in(seen, fmt::format("SELECT count(*) FROM seen WHERE last_ns<{}", kNoon - kDay));
  }

  inline static const Who nobody;
  std::optional<HistoryWriter> writer;
};

TEST_CASE("who floods the table drives out its own sightings", "[history]") {
  Bench bench;
  for (int part = 0; part < 5; ++part) {
    HistoryBatch flood;
    for (int i = 0; i < 300; ++i) Bench::see(flood, {SeenKind::kName, part * 300 + i, "flood", 0});
    bench.write(flood);
  }
  CHECK(bench.quiet_rows() == 100);
  CHECK(number_in(bench.seen, "SELECT count(*) FROM seen") == 190);
  CHECK(number_in(bench.seen, "SELECT value FROM meta WHERE name='seen_dropped'") == 1'410);
  // Its latest are there.
  CHECK(number_in(bench.seen, "SELECT max(last_ns) FROM seen") == kNoon + 1'499 * kSecond);
  CHECK(
      number_in(bench.seen, "SELECT min(last_ns) FROM seen WHERE subject=CAST('flood' AS BLOB)") ==
      number_in(bench.seen, "SELECT value FROM meta WHERE name='seen_complete_since_ns'") - 1 +
          kSecond);
}

TEST_CASE("one content that runs under many paths floods, too", "[history]") {
  Bench bench;
  HistoryBatch flood;
  for (int i = 0; i < 300; ++i)
    flood.see({.kind = SeenKind::kProgram,
               .value = "same",
               .subject = "/tmp/" + std::to_string(i),
               .time_ns = kNoon + i * kSecond,
               .process = {},
               .who = Bench::nobody});
  bench.write(flood);
  CHECK(bench.quiet_rows() == 100);
  CHECK(number_in(bench.seen, "SELECT count(*) FROM seen") == 190);
}

TEST_CASE("where nobody has the most, what is unseen for longest goes", "[history]") {
  Bench bench;
  HistoryBatch many;
  for (int i = 0; i < 150; ++i) Bench::see(many, {SeenKind::kName, 0, std::to_string(i), 0});
  bench.write(many);
  CHECK(number_in(bench.seen, "SELECT count(*) FROM seen") == 190);
  CHECK(bench.quiet_rows() == 40);
}

TEST_CASE("what went for room is said, also of the whole history", "[history]") {
  Bench bench;
  const auto ask = [&] {
    auto reader = HistoryReader::open(bench.folder);
    REQUIRE(reader);
    const auto report = hunt(*reader, {*parse_hunt_value("gone.example")},
                             {.since_ns = {}, .now_ns = bench.clock->wall_ns()});
    REQUIRE(report);
    return std::pair(report->results[0].verdict, report->results[0].why);
  };
  CHECK(ask().first == Verdict::kNotSeen);
  HistoryBatch flood;
  for (int i = 0; i < 300; ++i) Bench::see(flood, {SeenKind::kName, i, "flood", 0});
  bench.clock->advance_to(kNoon + 400 * kSecond);
  bench.write(flood);
  const auto [verdict, why] = ask();
  CHECK(verdict == Verdict::kNotKept);
  CHECK(why.find("210 sightings were dropped for room") != std::string::npos);
  // As soon as age has done the same, nothing is missing for it.
  bench.clock->advance_to(kNoon + 95 * kDay);
  HistoryBatch later;
  Bench::see(later, {SeenKind::kName, 0, "later", 94});
  bench.write(later);
  CHECK(ask().first == Verdict::kNotSeen);
}

}  // namespace
}  // namespace tocsin::test
