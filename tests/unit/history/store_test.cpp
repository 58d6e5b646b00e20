// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "history/store.hpp"

#include "history_fixture.hpp"

namespace tocsin::test {
namespace {

TEST_CASE("what was added is in the files after a flush, and after the stop", "[history]") {
  const TempDir dir;
  const auto folder = (dir / "history").string();
  {
    HistoryStore store(history_options(folder));
    {
      auto pending = store.pending();
      pending->see(name_seen("com.a", kNoon, nullptr));
      pending->add(event_at(kNoon));
    }
    REQUIRE(store.flush_wait(kSoon));
    CHECK(number_in(folder + "/seen.db", "SELECT count(*) FROM seen") == 1);
    CHECK(number_in(folder + "/day-2026-11-26.db", "SELECT count(*) FROM event") == 1);
    const auto status = store.status();
    CHECK(status.state == HistoryState::kOk);
    CHECK(status.files.seen_rows == 1);
    CHECK(status.files.events_written == 1);
    CHECK(status.committed_ns > 0);
    CHECK(number_in(folder + "/seen.db", "SELECT stopped_ns IS NULL FROM run") == 1);
    store.pending()->see(name_seen("com.b", kNoon, nullptr));
    CHECK(store.stop(kSoon));
  }
  CHECK(number_in(folder + "/seen.db", "SELECT count(*) FROM seen") == 2);
  CHECK(number_in(folder + "/seen.db", "SELECT stopped_ns IS NOT NULL FROM run") == 1);
}

TEST_CASE("a folder that cannot be made is said, and used when it can", "[history]") {
  const TempDir dir;
  const auto folder = (dir / "not/there").string();
  HistoryStore store(history_options(folder));
  store.pending()->see(name_seen("com.a", kNoon, nullptr));
  CHECK_FALSE(store.flush_wait(kSoon));
  const auto status = store.status();
  CHECK(status.state == HistoryState::kFailing);
  CHECK(status.detail.find(folder) != std::string::npos);
  store.pending()->see(name_seen("com.b", kNoon, nullptr));
  std::filesystem::create_directory(dir / "not");
  REQUIRE(store.flush_wait(kSoon));
  CHECK(store.status().state == HistoryState::kOk);
  CHECK(number_in(folder + "/seen.db", "SELECT count(*) FROM seen") == 2);
}

}  // namespace
}  // namespace tocsin::test
