// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// What needs no broker: who fell silent, what a beat tells, rights as text, versions of servers.
#include <string>
#include <vector>

#include "fleet/beats.hpp"
#include "fleet/certificates.hpp"
#include "fleet/credentials.hpp"
#include "fleet/enrolment.hpp"
#include "fleet/fleet_limits.hpp"
#include "fleet/fleet_status.hpp"
#include "fleet/host_watch.hpp"
#include "fleet/hostile_json.hpp"
#include "fleet/seen_alerts.hpp"
#include "fleet/server_version.hpp"
#include "fleet/validity.hpp"
#include "support/fleet_fixture.hpp"

using namespace tocsin;
using namespace tocsin::fleet;
using namespace tocsin::test;

TEST_CASE("a host is silent after three beats, once, and back with the next", "[fleet]") {
  constexpr HostWatch::Boot kS = kNsPerSecond;
  HostWatch watch;
  watch.beat("web-1", 60, {1'000 * kS, 5 * kS});
  watch.beat("db-1", 10, {1'000 * kS, 7 * kS});
  CHECK(watch.look(1'029 * kS).empty());
  const auto silent = watch.look(1'030 * kS);
  REQUIRE(silent.size() == 1);
  CHECK(silent[0].host == "db-1");
  CHECK(silent[0].silent);
  CHECK(silent[0].last_beat_ns == 7 * kS);
  CHECK(watch.look(1'060 * kS).empty());
  watch.beat("db-1", 10, {1'070 * kS, 0});
  const auto back = watch.look(1'071 * kS);
  REQUIRE(back.size() == 1);
  CHECK(!back[0].silent);
  // An interval that makes no sense neither silences the alarm for ever nor rings it at once.
  watch.beat("web-1", 1e300, {1'071 * kS, 0});
  CHECK(watch.look(1'071 * kS + 3 * 86'400 * kS - 1).size() == 1);  // db-1
  CHECK(watch.look(1'071 * kS + 3 * 86'400 * kS).size() == 1);
  for (std::size_t i = 0; i < limits::kFleetHostsMax + 5; ++i)
    watch.beat("h" + std::to_string(i), 1, {kS, 0});
  CHECK(watch.hosts() == limits::kFleetHostsMax);
  CHECK(watch.beyond() == 7);
}

TEST_CASE("who could not see gives every host an interval and a grace to be heard", "[fleet]") {
  constexpr HostWatch::Boot kS = kNsPerSecond;
  HostWatch watch;
  watch.beat("web-1", 10, {1'000 * kS, 0});
  watch.resume(2'000 * kS, 90 * kS);
  CHECK(watch.look(2'099 * kS).empty());
  CHECK(watch.look(2'100 * kS).size() == 1);
}

TEST_CASE("a link that comes and goes spares a dead host once", "[fleet]") {
  constexpr HostWatch::Boot kS = kNsPerSecond;
  HostWatch watch;
  watch.beat("web-1", 10, {1'000 * kS, 0});
  for (HostWatch::Boot at = 1'010; at < 1'110; at += 10) {
    watch.blink(at * kS, 90 * kS);
    CHECK(watch.look(at * kS).empty());
  }
  CHECK(watch.look(1'110 * kS).size() == 1);
  // What is heard may be missed again.
  watch.beat("web-1", 10, {1'200 * kS, 0});
  CHECK(watch.look(1'200 * kS).size() == 1);
  watch.blink(1'220 * kS, 90 * kS);
  CHECK(watch.look(1'319 * kS).empty());
  CHECK(watch.look(1'320 * kS).size() == 1);
}

TEST_CASE("how old a stored beat is counts from when it is read, whatever the clock does then",
          "[fleet]") {
  constexpr HostWatch::Boot kS = kNsPerSecond;
  const HostWatch::Heard now{500 * kS, 900'000 * kS};
  const auto before = heard_before(899'900 * kS, now);
  CHECK(before.at_ns == 400 * kS);
  CHECK(before.wall_ns == 899'900 * kS);
  CHECK(heard_before(899'000 * kS, now).at_ns == -500 * kS);  // before the centre's boot
  CHECK(heard_before(999'999 * kS, now).at_ns == 500 * kS);   // the broker's clock is ahead
  CHECK(heard_before(999'999 * kS, now).wall_ns == now.wall_ns);
  HostWatch watch;
  watch.beat("web-1", 60, before);
  // Live now, while the wall clock was put back by a day: it is not older for that.
  watch.beat("web-1", 60, {500 * kS, 813'600 * kS});
  CHECK(watch.look(679 * kS).empty());
  const auto silent = watch.look(680 * kS);
  REQUIRE(silent.size() == 1);
  CHECK(silent[0].last_beat_ns == 813'600 * kS);
}

TEST_CASE("an alert is known by its own id, of each host, for as long as there is room",
          "[fleet]") {
  SeenAlerts seen(3);
  CHECK((seen.add("web-1", "A") && seen.add("web-2", "A") && seen.add("web-1", "B")));
  CHECK(!seen.add("web-1", "A"));
  CHECK(seen.repeated() == 1);
  CHECK(seen.add("web-1", "C"));
  CHECK(seen.add("web-1", "A"));  // was the oldest, and is forgotten
}

TEST_CASE("certificates are warned of a month before their end", "[fleet]") {
  const auto ca = make_ca("test").value();
  const auto now = SystemClock().wall_ns();
  const auto validity =
      validity_of(issue(ca, {.name = "web-1", .client = true})->certificate).value();
  CHECK(validity.from_ns < now);
  CHECK(now - validity.from_ns < 2 * 3'600 * kNsPerSecond);
  CHECK(validity.name == "web-1");
  CHECK(!end_near(validity.until_ns, now).has_value());
  CHECK(end_near(validity.until_ns, validity.until_ns - 12 * kDayNs - 1) == "ends in 12 days");
  CHECK(end_near(validity.until_ns, validity.until_ns)->starts_with("ended "));
  CHECK(!validity_of("nonsense").has_value());
}

TEST_CASE("a beat tells hooks, losses and coverage, whatever the status looks like", "[fleet]") {
  const auto beat = summary_of_status(nlohmann::json::parse(R"({"version":"0.1.0","kernel":"6.1",
    "hooks":[{"event":"exec","state":"attached"},{"event":"packet","state":"fallback"},
             {"event":"module","state":"failed"},{"event":"x","state":7},3],
    "hash":{"coverage":0.9995},"loss":[{"stage":"ring","count":3},{"stage":"hash","count":0}],
    "self_proof":{"blind":["dns"]},"indicators":{"total":5,"sets":[{"name":"big"}]}})"));
  CHECK(beat["hooks"]["attached"] == 1);
  CHECK(beat["hooks"]["fallback"] == nlohmann::json({"packet"}));
  CHECK(beat["hooks"]["failed"] == nlohmann::json({"module"}));
  CHECK(beat["lost"] == nlohmann::json({{"ring", 3}}));
  CHECK(beat["coverage"] == 0.9995);
  CHECK(beat["indicators"] == nlohmann::json({{"total", 5}}));
  CHECK(beat["blind"] == nlohmann::json({"dns"}));
  for (const char* other : {"[]", "3", "{}", R"({"hooks":{},"loss":3,"hash":[],"self_proof":1})"})
    CHECK(summary_of_status(nlohmann::json::parse(other)).is_object());
}

namespace {
constexpr WallNs kNow = 1'000'000 * kNsPerSecond;
}  // namespace

TEST_CASE("the table names what is wrong with a host", "[fleet]") {
  const auto trouble = [](const char* beat, WallNs heard = kNow) {
    return HostStatus{"web-1", heard, nlohmann::json::parse(beat)}.trouble(kNow);
  };
  CHECK(trouble(R"({"up":true,"interval_s":60})").empty());
  CHECK(trouble(R"({"up":true,"interval_s":60})", kNow - 181 * kNsPerSecond) == "silent");
  CHECK(trouble(R"({"up":false})") == "tocsind is down");
  CHECK(trouble(R"({"up":true,"daemon":{"hooks":{"failed":["exec"]}}})") == "hooks failed");
  CHECK(trouble(R"({"up":true,"daemon":{"lost":{"ring":1}}})") == "lost events");
  CHECK(trouble(R"({"up":true,"daemon":{"coverage":0.5}})") == "hash coverage");
  CHECK(trouble(R"({"up":true,"spool":{"dropped":{"alert":1}}})") == "spool was full");
  // It says so for a day; the counts stay.
  CHECK(trouble(R"({"up":true,"time":9e5,"daemon":{"lost":{"ring":1},"lost_at":8.5e5}})") ==
        "lost events");
  CHECK(trouble(R"({"up":true,"time":9e5,"daemon":{"lost":{"ring":1},"lost_at":8e5}})").empty());
  CHECK(trouble(R"({"up":true,"time":9e5,"spool":{"dropped":{"alert":1},"dropped_at":8e5}})")
            .empty());
  CHECK(trouble(R"({"up":true,"daemon":{"self_proof":{"interval_s":60,"overdue":true}}})") ==
        "self-proof stopped");
  CHECK(trouble(R"({"up":true,"sets":{"fleet":{"state":"applied"},"own":{"state":"held"}},
                    "daemon":{"hooks":{"failed":["exec"]}}})") == "hooks failed, set own held");
  CHECK(trouble(R"({"up":true,"certificate_ends":1900000})") == "certificate ends in 10 days");
  CHECK(trouble(R"({"up":true,"certificate_ends":1e300,"sets":{"a":{"state":[]},"b":3}})").empty());
  const auto lines = table_of(
      {{"web-1", kNow, nlohmann::json::parse(R"({"up":true,"daemon":{"kernel":"a\u001bb"}})")}},
      kNow, cli::Output(false));
  REQUIRE(lines.size() == 2);
  const auto full = table_of({{"web-1", kNow, nlohmann::json::parse(R"({"up":true,"time":1000000,
      "daemon":{"last_self_proof":999990,"lost":{"ring":40,"hash":2}}})")}},
                             kNow, cli::Output(false));
  CHECK(full[0].find("proof") != std::string::npos);
  CHECK(full[1].find(" 10 s ") != std::string::npos);
  CHECK(full[1].find(" 42 ") != std::string::npos);
  CHECK(lines[1].find('\x1b') == std::string::npos);
}

TEST_CASE("what hosts send is not parsed into the depths", "[fleet]") {
  CHECK(parse_hostile(std::string(100'000, '[')).is_discarded());
  CHECK(parse_hostile("{\"a\":[1]}").is_object());
}

TEST_CASE("versions with known holes are named", "[fleet]") {
  CHECK(holes_of("2.9.10").value().find("CVE-2023-47090, CVE-2025-30215") != std::string::npos);
  CHECK(holes_of("2.9.23").value().find("CVE-2023-47090") == std::string::npos);
  CHECK(holes_of("2.10.26").has_value());
  CHECK(!holes_of("2.10.27").has_value());
  CHECK(holes_of("2.11.0").has_value());
  CHECK(!holes_of("2.11.1").has_value());
  CHECK(!holes_of("v3.0.0-dev").has_value());
  CHECK(holes_of("nonsense").has_value());
}

TEST_CASE("names that could change a subject or a file are refused", "[fleet]") {
  const TempDir dir;
  const auto subjects = Subjects::of_site("main").value();
  for (const char* host : {"", "a.b", "*", ">", "Web", "a b", "../x", "web_1", "a/b"}) {
    INFO(host);
    CHECK(!enrol(subjects, {.folder = dir.file("f"), .hosts = {host}, .servers = {}}).has_value());
  }
  CHECK(!enrol(subjects, {.folder = dir.file("f"), .hosts = {}, .servers = {"../x"}}).has_value());
  CHECK(
      !enrol(subjects, {.folder = dir.file("f"), .hosts = {}, .servers = {"a,DNS:b"}}).has_value());
  for (const char* site : {"", "a.b", "Main", "*"}) CHECK(!Subjects::of_site(site).has_value());
}

TEST_CASE("rights go with the host's folder, and keys are the owner's only", "[fleet]") {
  const TempDir dir;
  const auto folder = dir.file("f");
  const auto subjects = Subjects::of_site("main").value();
  REQUIRE(enrol(subjects, {.folder = folder, .hosts = {"web-1", "db-1"}, .servers = {"127.0.0.1"}})
              .has_value());
  const auto first = read_text(folder + "/hosts/web-1/host.pem");
  CHECK(name_in(first).value() == "web-1");
  CHECK(std::filesystem::status(folder + "/hosts/web-1/host.key").permissions() ==
        (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
  std::filesystem::remove_all(folder + "/hosts/db-1");
  const auto again = enrol(subjects, {.folder = folder, .hosts = {"web-1"}, .servers = {}});
  REQUIRE(again.has_value());
  CHECK(again->made.empty());
  CHECK(again->hosts == std::vector<std::string>{"web-1"});
  CHECK(read_text(folder + "/hosts/web-1/host.pem") == first);
  const auto rights = read_text(folder + "/hosts.conf");
  CHECK(rights.find("CN=web-1") != std::string::npos);
  CHECK(rights.find("db-1") == std::string::npos);
}

TEST_CASE("a server says which version it is", "[fleet]") {
  TOCSIN_NEEDS_BROKER("a server says which version it is");
  NatsLab lab({"web-1"});
  const auto version = ask_server_version(lab.urls()[0], Millis(5'000));
  REQUIRE(version.has_value());
  CHECK(version->starts_with("2."));
  CHECK(!ask_server_version("127.0.0.1:1", Millis(1'000)).has_value());
  const auto said = lab.fleet({"init"});
  CHECK(said.exit_code == 0);
  CHECK((said.err.find("known holes") != std::string::npos) == holes_of(*version).has_value());
}
