// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "history/batch.hpp"

#include <string>

#include "history/history_limits.hpp"
#include "history_fixture.hpp"

namespace tocsin::test {
namespace {

const SeenRow& only_row(const HistoryBatch& batch) {
  REQUIRE(batch.seen().size() == 1);
  return batch.seen().begin()->second;
}

TEST_CASE("sightings of one key merge: times, count, days, flags and who", "[history]") {
  HistoryBatch batch;
  const auto first = make_who("{\"path\":\"/a\"}"), second = make_who("{\"path\":\"/b\"}");
  batch.see(name_seen("com.evil", kNoon, first));
  auto later = name_seen("com.evil", kNoon + kDay, second);
  later.flags = static_cast<std::uint32_t>(SeenFlag::kAnswered);
  later.count = 0;
  later.process = {8, 80};
  batch.see(later);
  batch.see(name_seen("com.evil", kNoon + kDay + 1, second));
  const auto& row = only_row(batch);
  CHECK(row.first_ns == kNoon);
  CHECK(row.last_ns == kNoon + kDay + 1);
  CHECK(row.count == 2);
  CHECK(row.days == 2);
  CHECK(row.flags == (static_cast<std::uint32_t>(SeenFlag::kAsked) |
                      static_cast<std::uint32_t>(SeenFlag::kAnswered)));
  CHECK(row.first_who == first);
  CHECK(row.last_who == second);
  CHECK(row.first == ProcessId{7, 70});
}

TEST_CASE("what comes late is earlier, and a clock set back counts no day twice", "[history]") {
  HistoryBatch batch;
  const auto who = make_who("{}"), earlier = make_who("{\"path\":\"/early\"}");
  batch.see(name_seen("com.evil", kNoon, who));
  batch.see(name_seen("com.evil", kNoon - 2 * kDay, earlier));
  const auto& row = only_row(batch);
  CHECK(row.first_ns == kNoon - 2 * kDay);
  CHECK(row.first_who == earlier);
  CHECK(row.last_ns == kNoon);
  CHECK(row.last_who == who);
  CHECK(row.days == 1);
}

TEST_CASE("keys differ by every part, and come back whole", "[history]") {
  const SeenKey key{SeenKind::kDestination, std::string_view("a\0b", 3), "sub", "box"};
  std::string encoded, other;
  encode(key, encoded);
  const auto back = decode(encoded);
  CHECK(back.kind == key.kind);
  CHECK(back.value == key.value);
  CHECK(back.subject == "sub");
  CHECK(back.container == "box");
  // The same bytes, cut elsewhere.
  encode({SeenKind::kDestination, std::string_view("a\0bs", 4), "ub", "box"}, other);
  CHECK(other != encoded);
  const std::string endless(1 << 20, 'x');
  encode({SeenKind::kName, endless, endless, endless}, encoded);
  CHECK(decode(encoded).value.size() == limits::kHistoryTextBytesMax);
  CHECK(decode(encoded).container.size() == limits::kHistoryTextBytesMax);
}

TEST_CASE("every part of a batch is bounded and counts what it could not take", "[history]") {
  HistoryBatch batch({.events_max = 2, .seen_max = 2, .notes_max = 2});
  for (int i = 0; i < 5; ++i) {
    batch.add(event_at(kNoon));
    batch.see(name_seen(std::to_string(i), kNoon, nullptr));
  }
  batch.see(name_seen("0", kNoon + 1, nullptr));  // known ones go on
  CHECK(batch.events().size() == 2);
  CHECK(batch.dropped().events == 3);
  CHECK(batch.seen().size() == 2);
  CHECK(batch.dropped().seen == 3);
  for (int i = 0; i < 5; ++i) {
    batch.add_reported({});
    batch.add_lost(i * 60 * kSecond, "stage", 1);
  }
  CHECK(batch.reported().size() == 2);
  CHECK(batch.lost().size() == 2);
  CHECK(batch.dropped().seen == 9);
}

TEST_CASE("an outcome joins its attempt, or is a row of its own", "[history]") {
  HistoryBatch batch;
  auto attempt = event_at(kNoon);
  attempt.kind = "connect";
  attempt.cookie = 5;
  batch.add(attempt);
  auto outcome = event_at(kNoon + 1);
  outcome.kind = "connect-result";
  outcome.cookie = 5;
  outcome.result = "refused";
  batch.add_outcome(outcome);
  auto close = event_at(kNoon + 2);
  close.kind = "close";
  close.cookie = 5;
  close.bytes_out = 12;
  batch.add_outcome(close);
  REQUIRE(batch.events().size() == 1);
  CHECK(batch.events()[0].result == "refused");
  CHECK(batch.events()[0].bytes_out == 12);
  close.cookie = 6;
  batch.add_outcome(close);
  REQUIRE(batch.events().size() == 2);
  CHECK(batch.events()[1].kind == "close");
}

}  // namespace
}  // namespace tocsin::test
