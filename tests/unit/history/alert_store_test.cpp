// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "history/alert_store.hpp"

#include "alert_fixture.hpp"
#include "history/reported.hpp"
#include "history_fixture.hpp"

namespace tocsin::test {
namespace {

RenderedAlert alert_with(std::string id, WallNs at = kNoon) {
  RenderedAlert rendered;
  rendered.alert.id = std::move(id);
  rendered.alert.time_ns = rendered.alert.reported_ns = at;
  rendered.alert.severity = Severity::kHigh;
  rendered.json = "{\"id\":\"" + rendered.alert.id + "\"}";
  return rendered;
}

TEST_CASE("alerts are stored once each and outlive the store", "[history]") {
  const TempDir dir;
  const auto file = (dir / "h/alerts.db").string();
  for (int run = 0; run < 2; ++run) {
    AlertStore store({.place = {dir / "h", {}}});
    for (int i = 0; i < 600; ++i) store.add(alert_with(std::to_string(i)));
    CHECK(store.stop(kSoon));
    CHECK(store.status().stored == 600);
  }
  CHECK(number_in(file, "SELECT count(*) FROM alert") == 600);
  CHECK(number_in(file, "SELECT severity FROM alert WHERE id='7'") ==
        static_cast<int>(Severity::kHigh));
}

TEST_CASE("a full queue refuses the newest alerts and counts them", "[history]") {
  const TempDir dir;
  AlertStore store({.place = {dir / "not/there", {}}, .queue_max = 3});
  for (int i = 0; i < 5; ++i) store.add(alert_with(std::to_string(i)));
  CHECK(store.status().refused == 2);
  CHECK(store.status().queued == 3);
  std::filesystem::create_directory(dir / "not");
  CHECK(store.stop(kSoon));
  CHECK(number_in(dir / "not/there/alerts.db", "SELECT count(*) FROM alert") == 3);
}

TEST_CASE("an alert names the sightings it is about", "[history]") {
  auto alert = sample_alert(AlertKind::kConnectName);
  alert.matches.resize(1);
  alert.matches[0].indicator.type = IndicatorType::kDomain;
  alert.matches[0].indicator.value = "evil.com";
  alert.matches[0].indicator.set = "set";
  alert.matches[0].matched = "www.evil.com";
  auto reported = reported_of(alert);
  REQUIRE(reported.size() == 1);
  CHECK(reported[0].kind == SeenKind::kName);
  CHECK(reported[0].value == "com.evil.www");
  CHECK(reported[0].set == "set");
  CHECK(reported[0].indicator == "evil.com");

  alert.matches[0].indicator.type = IndicatorType::kCidr;
  alert.matches[0].field = "destination.ip";
  REQUIRE(alert.connect);
  reported = reported_of(alert);
  REQUIRE(reported.size() == 1);
  CHECK(destination_of(reported[0].value)->address == alert.connect->remote.address);
}

}  // namespace
}  // namespace tocsin::test
