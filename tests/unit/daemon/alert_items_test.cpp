// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/alert_items.hpp"

#include <string>
#include <vector>

#include "history/alert_store.hpp"
#include "support/alert_fixture.hpp"
#include "support/temp_dir.hpp"
#include "support/test.hpp"

namespace tocsin {
namespace {

const std::vector<std::string> kIds = {"01A", "01B", "01C", "01D"};

// A desk that reported some alerts, and a file of what came before and of the first of them.
struct Bench {
  test::TempDir dir;
  VirtualClock clock;
  AlertDesk desk{AlertDesk::Parts{.clock = clock,
                                  .origin = test::sample_origin(),
                                  .human = {},
                                  .fold = {.window_ns = 0},
                                  .on_reported = nullptr}};

  void report(std::size_t from, std::size_t to) {
    for (auto i = from; i < to; ++i) {
      Alert alert = test::sample_alert(AlertKind::kHealth);
      alert.id = kIds[i];
      desk.add(alert);
    }
  }
  void store(std::size_t to) {
    AlertStore store({.place = {dir / "h", {}}});
    for (std::size_t i = 0; i < to; ++i) {
      Alert alert = test::sample_alert(AlertKind::kHealth);
      alert.id = kIds[i];
      store.add(*test::sample_rendered(alert));
    }
    REQUIRE(store.stop(std::chrono::seconds(20)));
  }
  std::vector<std::string> after(const std::string& id, bool with_file) {
    control::AlertFilter filter;
    filter.after = id;
    std::optional<StoredPart> stored;
    if (with_file) {
      auto file = StoredAlerts::open(dir / "h/alerts.db");
      REQUIRE(file);
      const auto seq = file->seq_of(id);
      REQUIRE(seq);
      if (*seq) stored = StoredPart{std::move(*file), **seq};
    }
    std::vector<std::string> out;
    auto items = alert_items(std::move(stored), filter, desk);
    for (;;) {
      const auto item = items();
      REQUIRE(item);
      if (!*item) return out;
      out.push_back(nlohmann::json::parse(**item)["event"]["id"].get<std::string>());
    }
  }
};

using Ids = std::vector<std::string>;

TEST_CASE("alerts after one that only memory has", "[alerts]") {
  Bench bench;
  bench.report(0, 4);
  CHECK(bench.after("01B", false) == Ids{"01C", "01D"});
  CHECK(bench.after("01D", false).empty());
  CHECK_FALSE(position_after(bench.desk, "01X"));
}

TEST_CASE("alerts after one of an earlier run: the file's, then memory's, each once", "[alerts]") {
  Bench bench;
  bench.store(3);  // the last run's 01A and 01B, and 01C of this one
  bench.report(2, 4);
  CHECK(bench.after("01A", true) == Ids{"01B", "01C", "01D"});
  CHECK(bench.after("01C", true) == Ids{"01D"});
  CHECK(bench.after("01D", true).empty());  // the file has it not yet
}

TEST_CASE("a file that cannot be read is no end of what comes after an alert", "[alerts]") {
  Bench bench;
  bench.store(3);
  bench.report(3, 4);
  const auto open = [&] {
    auto file = StoredAlerts::open(bench.dir / "h/alerts.db");
    REQUIRE(file);
    return StoredPart{std::move(*file), 1};
  };
  control::AlertFilter filter;
  filter.after = "01A";
  auto broken = alert_items(open(), filter, bench.desk);
  auto whole = alert_items(open(), {}, bench.desk);
  {
    auto file = Database::open(bench.dir / "h/alerts.db", {.mode = Database::Mode::kCreate});
    REQUIRE(file);
    REQUIRE(file->run("DROP TABLE alert"));
  }
  const auto item = broken();
  REQUIRE_FALSE(item);
  CHECK(item.error().code == ErrorCode::kIo);
  CHECK(item.error().message.find("alerts of earlier runs") != std::string::npos);
  // Who did not ask for what comes after one gets what there is.
  const auto kept = whole();
  REQUIRE(kept);
  REQUIRE(*kept);
  CHECK((*kept)->find("01D") != std::string::npos);
}

}  // namespace
}  // namespace tocsin
