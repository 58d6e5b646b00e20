// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "alert/fold.hpp"

#include <map>
#include <random>
#include <set>

#include "support/alert_fixture.hpp"
#include "support/test.hpp"

namespace tocsin {
namespace {

Alert finding(int which) {
  Alert alert = test::sample_alert(AlertKind::kConnectIp);
  alert.connect->remote.port = static_cast<std::uint16_t>(1 + which);
  return alert;
}

TEST_CASE("the first is reported at once, repeats at the end of the window", "[alert][fold]") {
  AlertFold fold({.window_ns = 100});
  CHECK(fold.add(finding(0), 1000).size() == 1);
  Alert last = finding(0);
  last.id = "last";
  CHECK(fold.add(finding(0), 1010).empty());
  CHECK(fold.add(finding(0), 1020).empty());
  CHECK(fold.add(last, 1099).empty());
  CHECK(fold.pending() == 3);
  CHECK(fold.expire(1099).empty());
  const auto end = fold.expire(1100);
  REQUIRE(end.size() == 1);
  CHECK(end[0].id == "last");
  CHECK(end[0].repeats == 2);  // beside itself
  CHECK(fold.pending() == 0);
  // It went on: folding goes on too, and ends after a quiet window.
  CHECK(fold.add(finding(0), 1150).empty());
  CHECK(fold.expire(1200).size() == 1);
  CHECK(fold.expire(1300).empty());
  CHECK(fold.keys() == 0);
  CHECK(fold.add(finding(0), 1301).size() == 1);
}

TEST_CASE("the next one after the window takes the count along", "[alert][fold]") {
  AlertFold fold({.window_ns = 100});
  (void)fold.add(finding(0), 0);
  (void)fold.add(finding(0), 50);
  (void)fold.add(finding(0), 60);
  const auto next = fold.add(finding(0), 100);
  REQUIRE(next.size() == 1);
  CHECK(next[0].repeats == 2);
  CHECK(fold.pending() == 0);
}

TEST_CASE("what differs in substance is not folded", "[alert][fold]") {
  const Alert base = test::sample_alert(AlertKind::kConnectIp);
  std::set<std::string> keys{fold_key(base)};
  const auto differs = [&](auto change) {
    Alert other = base;
    change(other);
    return keys.insert(fold_key(other)).second;
  };
  CHECK(differs([](Alert& a) { a.kind = AlertKind::kBeacon; }));
  CHECK(differs([](Alert& a) { a.severity = Severity::kLow; }));
  CHECK(differs([](Alert& a) { a.self_test = true; }));
  CHECK(differs([](Alert& a) { a.matches[0].indicator.set = "other"; }));
  CHECK(differs([](Alert& a) { a.matches[0].indicator.value = "192.0.2.8"; }));
  CHECK(differs(
      [](Alert& a) { a.matches.push_back(a.matches[0]), a.matches[1].indicator.set = "2"; }));
  CHECK(differs([](Alert& a) { a.lineage[0].hash.digests->sha256.bytes[0] = 1; }));
  CHECK(differs([](Alert& a) { a.lineage[0].hash = {}; }));
  CHECK(differs([](Alert& a) { a.lineage[0].hash = {}, a.lineage[0].path = "/x"; }));
  CHECK(differs([](Alert& a) { a.lineage[0].container_id = "c"; }));
  CHECK(differs([](Alert& a) { a.connect->remote.port = 1; }));
  CHECK(differs([](Alert& a) { a.connect->remote.address = *IpAddress::parse("192.0.2.8"); }));
  CHECK(differs([](Alert& a) { a.connect->protocol = 17; }));
  CHECK(differs([](Alert& a) { a.matches.clear(), a.message = "m1"; }));
  CHECK(differs([](Alert& a) { a.matches.clear(), a.message = "m2"; }));
  // The same finding by another process, at another time.
  CHECK_FALSE(differs([](Alert& a) { a.id = "x", a.lineage[0].id.pid = 5, a.time_ns += 5; }));
  CHECK_FALSE(differs([](Alert& a) { a.lineage[0].path = "/copy/of/it"; }));
}

TEST_CASE("a window of zero folds nothing", "[alert][fold]") {
  AlertFold fold({.window_ns = 0});
  for (int i = 0; i < 5; ++i) CHECK(fold.add(finding(0), 1).size() == 1);
}

TEST_CASE("held memory is bounded: windows end early and report", "[alert][fold]") {
  AlertFold fold({.window_ns = 1000, .held_bytes_max = 100'000});
  std::uint64_t reported = 0, repeats = 0;
  const auto take = [&](const std::vector<Alert>& out) {
    for (const Alert& alert : out) repeats += alert.repeats;
    reported += out.size();
  };
  for (int i = 0; i < 200; ++i) {
    Alert alert = finding(i % 20);
    alert.lineage[0].argv = {std::string(20'000, 'a')};
    take(fold.add(std::move(alert), 1));
  }
  CHECK(fold.stats().evicted > 0);
  CHECK(reported + repeats + fold.pending() == 200);
  take(fold.flush());
  CHECK(reported + repeats == 200);
}

// Random findings at random times: nothing is lost, and the table stays within its bounds.
TEST_CASE("added = reported + repeats + pending, always", "[alert][fold]") {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    std::mt19937 random(seed);
    AlertFold fold({.window_ns = 50, .keys_max = 8});
    std::map<int, std::uint64_t> added, told;
    const auto take = [&](const std::vector<Alert>& out) {
      for (const Alert& alert : out) told[alert.connect->remote.port - 1] += 1 + alert.repeats;
    };
    BootNs now = 0;
    std::uint64_t total = 0;
    for (int i = 0; i < 2000; ++i) {
      now += random() % 10;
      if (random() % 4 == 0) {
        take(fold.expire(now));
      } else {
        const int which = static_cast<int>(random() % 16);
        ++added[which];
        ++total;
        take(fold.add(finding(which), now));
      }
      REQUIRE(fold.keys() <= 8);
      std::uint64_t sum = fold.pending();
      for (const auto& [which, count] : told) sum += count;
      REQUIRE(sum == total);
    }
    take(fold.flush());
    CHECK(told == added);
  }
}

}  // namespace
}  // namespace tocsin
