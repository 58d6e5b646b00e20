// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "history/hunt.hpp"

#include <string>
#include <vector>

#include "history/history_limits.hpp"
#include "history/hunt_json.hpp"
#include "support/history_builder.hpp"
#include "support/test.hpp"

using namespace tocsin;
using namespace tocsin::test;

namespace {

constexpr WallNs kNow = kHistoryStart + 10 * kDay;

HuntValue value(const std::string& text) {
  auto parsed = parse_hunt_value(text);
  INFO(text);
  REQUIRE(parsed);
  return std::move(*parsed);
}

HuntResult hunt_one(const HistoryBuilder& built, const HuntValue& wanted,
                    std::optional<WallNs> since = std::nullopt) {
  auto reader = built.reader();
  auto report = hunt(reader, {wanted}, {.since_ns = since, .now_ns = kNow});
  REQUIRE(report);
  REQUIRE(report->results.size() == 1);
  return std::move(report->results[0]);
}

HuntResult hunt_one(const HistoryBuilder& built, const std::string& text,
                    std::optional<WallNs> since = std::nullopt) {
  return hunt_one(built, value(text), since);
}

// Watched from the start until now.
HistoryBuilder& watched(HistoryBuilder& built) {
  return built.run({.started_ns = kHistoryStart, .alive_ns = kNow, .stopped_ns = {}});
}

}  // namespace

TEST_CASE("a domain is found with its subdomains and without its neighbours", "[hunt]") {
  const TempDir dir;
  HistoryBuilder built(dir / "history");
  watched(built)
      .name("evil.com", kHistoryStart + 2 * kHour, kHistoryStart + 3 * kHour, 2)
      .name("www.evil.com", kHistoryStart + kHour, kHistoryStart + 5 * kHour, 40)
      .name("evil-twin.com", kHistoryStart, kNow)
      .name("com", kHistoryStart, kNow)
      .name("evil.com.example", kHistoryStart, kNow);
  const auto found = hunt_one(built, "hxxp://evil[.]com");
  CHECK(found.value.type == IndicatorType::kUrl);
  CHECK(found.rows == 1);
  CHECK_FALSE(found.why.empty());

  const auto both = hunt_one(built, "EVIL[.]com.");
  CHECK(both.verdict == Verdict::kSeen);
  CHECK(both.rows == 2);
  CHECK(both.count == 42);
  CHECK(both.first_ns == kHistoryStart + kHour);
  CHECK(both.last_ns == kHistoryStart + 5 * kHour);
  REQUIRE(both.sightings.size() == 2);
  CHECK(reversed_labels(both.sightings[0].value) == "www.evil.com");

  auto exact = value("evil.com");
  exact.exact = true;
  CHECK(hunt_one(built, exact).rows == 1);
  CHECK(hunt_one(built, "twin.com").verdict == Verdict::kNotSeen);
}

TEST_CASE("addresses and networks are found at their edges", "[hunt]") {
  const TempDir dir;
  HistoryBuilder built(dir / "history");
  watched(built);
  for (const auto* address : {"10.1.255.255", "10.2.0.0", "10.2.255.255", "10.3.0.0", "0.0.0.0",
                              "255.255.255.255", "2001:db8::",
                              "2001:db8:ffff:ffff:ffff:ffff:ffff:"
                              "ffff",
                              "2001:db9::", "::ffff:10.2.0.7"})
    built.destination(address, 443, kHistoryStart, kNow);
  built.destination("10.2.0.0", 65535, kHistoryStart, kNow);
  CHECK(hunt_one(built, "10.2.0.0/16").rows == 4);
  CHECK(hunt_one(built, "10.2.0.0").rows == 2);
  CHECK(hunt_one(built, "10.2.0.7").rows == 1);
  CHECK(hunt_one(built, "10.2.0.1").verdict == Verdict::kNotSeen);
  CHECK(hunt_one(built, "255.255.255.255").rows == 1);
  CHECK(hunt_one(built, "0.0.0.0/0").rows == 8);
  CHECK(hunt_one(built, "2001:db8::/32").rows == 2);
  CHECK(hunt_one(built, "2001:db8::/33").rows == 1);
  CHECK(hunt_one(built, "2000::/3").rows == 3);
  CHECK(hunt_one(built, "https://10.2.0.7/x").rows == 1);
}

TEST_CASE("files are found by each digest and by where they ran", "[hunt]") {
  const TempDir dir;
  HistoryBuilder built(dir / "history");
  const auto sha1 = *Sha1::parse(std::string(40, 'a'));
  const auto md5 = *Md5::parse(std::string(32, 'b'));
  watched(built)
      .program(digest_number(1), "/opt/app", kHistoryStart, kNow)
      .program(digest_number(2), "/opt/app", kHistoryStart, kNow)
      .content(digest_number(1), {.path = "/opt/app", .size = {}, .sha1 = sha1, .md5 = md5});
  SightingRow module;
  module.kind = SeenKind::kModule;
  module.value = to_value(digest_number(3));
  module.subject = to_value(digest_number(1));
  module.last_ns = kNow;
  module.count = module.days = 1;
  built.seen(module).content(digest_number(3),
                             {.path = "/lib/bad.so", .size = {}, .sha1 = sha1, .md5 = md5});
  CHECK(hunt_one(built, digest_number(1).hex()).rows == 1);
  CHECK(hunt_one(built, sha1.hex()).rows == 2);
  CHECK(hunt_one(built, md5.hex()).rows == 2);
  CHECK(hunt_one(built, "/opt/app").rows == 2);
  CHECK(hunt_one(built, "/lib/bad.so").rows == 1);
  CHECK(hunt_one(built, "/opt/other").verdict == Verdict::kNotSeen);
}

TEST_CASE("silence is worth only what was watched", "[hunt]") {
  const TempDir dir;
  const auto built_with = [&](const char* name) { return HistoryBuilder(dir / name); };

  SECTION("nothing ever ran") {
    const auto built = built_with("a");
    const auto result = hunt_one(built, "evil.com");
    CHECK(result.verdict == Verdict::kCannotKnow);
    CHECK(result.why.find("did not run") != std::string::npos);
  }
  SECTION("the period begins before the history") {
    auto built = built_with("b");
    watched(built);
    CHECK(hunt_one(built, "evil.com", kHistoryStart - kDay).verdict == Verdict::kNotKept);
    CHECK(hunt_one(built, "evil.com", kHistoryStart).verdict == Verdict::kNotSeen);
    CHECK(hunt_one(built, "evil.com").verdict == Verdict::kNotSeen);
  }
  SECTION("sightings were dropped for room") {
    auto built = built_with("c");
    watched(built).sql("INSERT INTO meta VALUES('seen_complete_since_ns'," +
                       std::to_string(kHistoryStart + 5 * kDay) + ")");
    CHECK(hunt_one(built, "evil.com").verdict == Verdict::kNotSeen);  // for age, so far
    built.sql("INSERT INTO meta VALUES('seen_cut_ns'," + std::to_string(kHistoryStart + 5 * kDay) +
              ")");
    CHECK(hunt_one(built, "evil.com").verdict == Verdict::kNotKept);
    CHECK(hunt_one(built, "evil.com", kHistoryStart + 4 * kDay).verdict == Verdict::kNotKept);
    CHECK(hunt_one(built, "evil.com", kHistoryStart + 6 * kDay).verdict == Verdict::kNotSeen);
  }
  SECTION("a short digest was not always computed") {
    auto built = built_with("d");
    const auto sha1 = *Sha1::parse(std::string(40, 'a'));
    watched(built)
        .content(digest_number(1), {.path = "/a", .size = {}, .sha1 = sha1, .md5 = {}})
        .content(digest_number(2), {.path = "/b", .size = {}, .sha1 = sha1, .md5 = {}});
    const auto result = hunt_one(built, std::string(32, 'c'));
    CHECK(result.verdict == Verdict::kCannotKnow);
    CHECK(result.why == "MD5 was not computed for 2 of 2 files that ran");
    CHECK(hunt_one(built, std::string(40, 'c')).verdict == Verdict::kNotSeen);
    CHECK(hunt_one(built, std::string(64, 'c')).verdict == Verdict::kNotSeen);
  }
  SECTION("names were never seen") {
    auto built = built_with("e");
    const BuiltRun blind{
        kHistoryStart, kNow, {}, R"({"exec":"lsm","packet":"missing: no cgroup2"})"};
    built.run(blind);
    CHECK(hunt_one(built, "evil.com").verdict == Verdict::kCannotKnow);
    CHECK(hunt_one(built, "https://evil.com/x").verdict == Verdict::kCannotKnow);
    CHECK(hunt_one(built, "192.0.2.1").verdict == Verdict::kNotSeen);
    CHECK(hunt_one(built, "https://192.0.2.1/x").verdict == Verdict::kNotSeen);
  }
  SECTION("seen before the period only") {
    auto built = built_with("f");
    watched(built).name("evil.com", kHistoryStart, kHistoryStart + kDay);
    const auto result = hunt_one(built, "evil.com", kHistoryStart + 2 * kDay);
    CHECK(result.verdict == Verdict::kNotSeen);
    CHECK(result.last_before_ns == kHistoryStart + kDay);
    CHECK(hunt_one(built, "evil.com", kHistoryStart + kHour).verdict == Verdict::kSeen);
  }
}

TEST_CASE("what is kept was seen, whatever the runs vouch for", "[hunt]") {
  const TempDir dir;
  HistoryBuilder built(dir / "history");
  built.run({.started_ns = kNow + 3 * kHour, .alive_ns = kNow + 3 * kHour, .stopped_ns = {}})
      .name("evil.com", kNow - kHour, kNow - kNsPerSecond)
      .name("old.com", kNow - 2 * kDay, kNow - kDay);
  for (const auto* name : {"evil.com", "old.com"})
    CHECK(hunt_one(built, name).verdict == Verdict::kSeen);
  CHECK(hunt_one(built, "evil.com", kNow - kHour).verdict == Verdict::kSeen);
  CHECK(hunt_one(built, "other.com").verdict == Verdict::kNotSeen);
  const auto before = hunt_one(built, "old.com", kNow - kHour);
  CHECK(before.verdict == Verdict::kNotSeen);
  CHECK(before.last_before_ns == kNow - kDay);
}

TEST_CASE("a request reads so many rows and no more, and says what it did not look at", "[hunt]") {
  const TempDir dir;
  HistoryBuilder built(dir / "history");
  watched(built).sql("BEGIN");
  for (int i = 0; i < 100; ++i)
    built.destination("192.0.2.1", static_cast<std::uint16_t>(i), kHistoryStart, kNow - kDay);
  built.program(digest_number(1), "/bin/x", kHistoryStart, kNow).sql("COMMIT");
  const auto network = value("192.0.2.0/24"), other = value("198.51.100.1");
  const auto path = value("/bin/y");
  auto reader = built.reader();
  const auto ask = [&](std::vector<HuntValue> values, HuntOptions options) {
    options.now_ns = kNow;
    auto report = hunt(reader, values, options);
    REQUIRE(report);
    return std::move(report->results);
  };
  // Rows before the period are none of the answer, but reading them takes as long.
  auto found = ask({network, other}, {.since_ns = kNow - kHour, .visits_max = 50});
  CHECK(found[0].verdict == Verdict::kCannotKnow);
  CHECK(found[1].verdict == Verdict::kCannotKnow);
  CHECK(found[1].why.find("ask for less") != std::string::npos);
  found = ask({network, other}, {.since_ns = kNow - kHour});
  CHECK(found[0].verdict == Verdict::kNotSeen);
  CHECK(found[1].verdict == Verdict::kNotSeen);
  found = ask({network}, {.since_ns = {}, .visits_max = 50});
  CHECK(found[0].verdict == Verdict::kSeen);
  CHECK(found[0].cut);
  CHECK(found[0].rows == 50);
  CHECK(ask({path}, {.since_ns = {}, .visits_max = 1})[0].verdict == Verdict::kCannotKnow);
  CHECK(ask({path}, {.since_ns = {}})[0].verdict == Verdict::kNotSeen);
  std::stop_source stop;
  stop.request_stop();
  CHECK(ask({other}, {.since_ns = {}, .stop = stop.get_token()})[0].verdict ==
        Verdict::kCannotKnow);
  CHECK(ask({other}, {.since_ns = {}, .at_most_ns = 0})[0].verdict == Verdict::kCannotKnow);
}

TEST_CASE("an answer shows the first and the latest sightings", "[hunt]") {
  const TempDir dir;
  HistoryBuilder built(dir / "history");
  watched(built);
  const auto rows = static_cast<WallNs>(limits::kHuntSightingsMax * 3);
  for (WallNs i = 0; i < rows; ++i)
    built.name("h" + std::to_string(i) + ".evil.com", kHistoryStart + i * kHour,
               kHistoryStart + i * kHour + 1);
  const auto result = hunt_one(built, "evil.com");
  CHECK(result.rows == static_cast<std::uint64_t>(rows));
  REQUIRE(result.sightings.size() == limits::kHuntSightingsMax);
  CHECK(result.sightings.front().first_ns == kHistoryStart + (rows - 1) * kHour);
  CHECK(result.sightings.back().first_ns == kHistoryStart);
  CHECK(result.sightings[limits::kHuntSightingsMax - 2].first_ns ==
        kHistoryStart + (rows - limits::kHuntSightingsMax + 1) * kHour);
}

TEST_CASE("the estimate of alerts knows folding", "[hunt]") {
  constexpr std::uint64_t kWindow = 3600ULL * 1'000'000'000;
  SightingRow row;
  row.count = 100'000;
  row.days = 3;
  CHECK(estimate_alerts(row, kWindow).least == 3);
  CHECK(estimate_alerts(row, kWindow).most == 75);
  CHECK(estimate_alerts(row, 0).most == 100'000);
  row.count = 2;
  row.days = 2;
  CHECK(estimate_alerts(row, kWindow).most == 2);
  row.kind = SeenKind::kName;
  row.flags = static_cast<std::uint32_t>(SeenFlag::kAsked) |
              static_cast<std::uint32_t>(SeenFlag::kTlsHello) |
              static_cast<std::uint32_t>(SeenFlag::kContacted);
  CHECK(estimate_alerts(row, kWindow).least == 2);
  CHECK(estimate_alerts(row, kWindow).most == 6);
}

TEST_CASE("answers in JSON hold who did it, and add up", "[hunt]") {
  const TempDir dir;
  HistoryBuilder built(dir / "history");
  watched(built);
  SightingRow row;
  row.value = to_value(digest_number(1));
  row.subject = "/opt/app\n";
  row.container = "c0ffee";
  row.first_ns = kHistoryStart;
  row.last_ns = kNow;
  row.count = 7;
  row.days = 2;
  row.first_who = built.who(R"({"path":"/opt/app","user":"alice"})");
  row.last_who = built.who("broken {");
  row.last_process = {77, 123};
  built.seen(row);
  auto reader = built.reader();
  const auto ask = [&](const std::string& text) {
    const auto report = hunt(reader, {value(text)}, {.since_ns = {}, .now_ns = kNow});
    REQUIRE(report);
    return *to_json(reader, *report);
  };
  auto all = ask(digest_number(1).hex());
  merge_hunts(all, ask("evil.com"));
  CHECK(all.at("asked") == 2);
  CHECK(all.at("seen") == 1);
  CHECK(all.at("not_seen") == 1);
  const auto& sighting = all.at("hits").at(0).at("sightings").at(0);
  CHECK(sighting.at("path") == "/opt/app\n");
  CHECK(sighting.at("container") == "c0ffee");
  CHECK(sighting.at("first").at("who").at("user") == "alice");
  CHECK_FALSE(sighting.at("last").contains("who"));
  CHECK(sighting.at("last").at("pid") == 77);
  CHECK(all.at("misses").at(0).at("value") == "evil.com");
  CHECK(all.at("coverage").at("runs") == 1);
}
