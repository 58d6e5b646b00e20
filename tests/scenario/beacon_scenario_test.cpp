// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// Stories told as event lines, weeks long, through the daemon's own stages: what the beacon engine
// makes of campaigns and of a server's everyday.
#include <random>

#include "support/event_lines.hpp"
#include "support/test.hpp"

using namespace tocsin;
using test::digest_of;
using test::EventLines;
using Json = nlohmann::json;

namespace {

constexpr double kMinute = 60, kHour = 3'600, kDay = 86'400;

Json packaged(const char* package, Json members = Json::object()) {
  members["package"] = package;
  members["package_intact"] = true;
  return members;
}

// The everyday of a server: what every story happens beside.
EventLines everyday(double days) {
  EventLines lines;
  lines.exec(0, 1, "/usr/lib/systemd/systemd", packaged("systemd"));
  lines.exec(1, 100, "/usr/lib/systemd/systemd-timesyncd",
             packaged("systemd-timesyncd", {{"ppid", 1}}));
  lines.exec(2, 101, "/opt/vendor/agent", packaged("vendor-agent", {{"ppid", 1}}));
  for (double t = 10; t < days * kDay; t += 2'048)
    lines.connect(t, 100, "ntp.ubuntu.com", {{"port", 123}, {"proto", "udp"}});
  for (double t = 20; t < std::min(days, 2.0) * kDay; t += 60)
    lines.connect(t, 101, "intake.vendor.example");
  return lines;
}

double evidence(const Json& beacon, const char* group) {
  return beacon.at("evidence").at(group).get<double>();
}

}  // namespace

TEST_CASE("everyday timers stay silent, however regular") {
  const auto outcome = everyday(3).replay();
  CHECK(outcome.alerts.empty());
  const auto& ntp = outcome.beacon("ntp.ubuntu.com");
  CHECK(ntp["score"].get<double>() > 0.9);
  CHECK(ntp["period_s"].get<double>() == Approx(2'048).epsilon(0.001));
  CHECK(ntp["probability"].get<double>() < 0.05);
  CHECK(ntp["verdict"] == "none");
  CHECK(ntp["crossed"].empty());
  CHECK(ntp["subject"]["path"] == "/usr/lib/systemd/systemd-timesyncd");
  const auto& agent = outcome.beacon("intake.vendor.example");
  CHECK(agent["score"].get<double>() > 0.9);
  CHECK(agent["verdict"] == "none");
  CHECK(agent["probability"].get<double>() == Approx(0.05).margin(0.02));
  // Most regular first.
  for (std::size_t i = 1; i < outcome.beacons.size(); ++i)
    CHECK(outcome.beacons[i - 1]["score"] >= outcome.beacons[i]["score"]);
}

TEST_CASE("a script in ~/.config under a young user unit that polls every fifty minutes") {
  auto lines = everyday(3);
  lines.exec(2 * kDay, 300, "/usr/lib/systemd/systemd",
             packaged("systemd", {{"ppid", 1}, {"argv", {"systemd", "--user"}}}));
  lines.exec(2 * kDay + 60, 301, "/usr/bin/python3.11",
             packaged("python3.11", {{"ppid", 300},
                                     {"script",
                                      {{"path", "/home/u/.config/sysmon/sysmon.py"},
                                       {"sha256", digest_of("sysmon.py")}}}}));
  for (int i = 0; i < 12; ++i)
    lines.connect(2 * kDay + 120 + i * 50 * kMinute, 301, "models.litellm.cloud");
  const auto outcome = lines.replay();
  const auto& beacon = outcome.beacon("models.litellm.cloud");
  CHECK(beacon["subject"]["path"] == "/home/u/.config/sysmon/sysmon.py");
  CHECK(beacon["subject"]["sha256"] == digest_of("sysmon.py"));
  CHECK(beacon["verdict"] == "notice");
  CHECK(beacon["crossed"]["notice"]["episode"] <= 10);
  CHECK_FALSE(beacon["crossed"].contains("alert"));
  CHECK(beacon["period_s"].get<double>() == Approx(3'000));
  CHECK(evidence(beacon, "image") == 3.0);
  CHECK(evidence(beacon, "lineage") == Approx(0.7));
  CHECK(evidence(beacon, "destination") == Approx(0.5));
  REQUIRE(outcome.alerts.size() == 1);
  const auto& alert = outcome.alerts[0];
  CHECK(alert["event"]["code"] == "beacon");
  CHECK(alert["tocsin"]["severity"] == "low");
  CHECK(alert["tocsin"]["beacon"]["verdict"] == "notice");
  const auto message = alert["message"].get<std::string>();
  CHECK(message.find(
            "/home/u/.config/sysmon/sysmon.py calls models.litellm.cloud:443 every 50 min") == 0);
  CHECK(message.find("no package owns the file") != std::string::npos);
}

TEST_CASE("a script in /tmp from an install hook that drops and executes") {
  auto lines = everyday(2);
  const double t = 1 * kDay;
  lines.exec(t, 400, "/usr/bin/node",
             packaged("nodejs", {{"argv", {"node", "/usr/lib/node_modules/npm/bin/npm-cli.js"}}}));
  lines.exec(t + 1, 401, "/bin/sh", packaged("dash", {{"ppid", 400}, {"argv", {"sh", "-c", "x"}}}));
  lines.exec(t + 2, 402, "/usr/bin/python3.11",
             packaged("python3.11",
                      {{"ppid", 401},
                       {"script", {{"path", "/tmp/ld.py"}, {"sha256", digest_of("ld.py")}}}}));
  for (int i = 0; i < 400; ++i)
    lines.connect(t + 10 + i * 60, 402, "sfrclak.com", {{"port", 8'000}});
  lines.exec(t + 20'000.5, 403, "/tmp/.x/payload",
             {{"ppid", 402}, {"sha256", digest_of("payload")}, {"package", ""}});
  const auto outcome = lines.replay();
  const auto& beacon = outcome.beacon("sfrclak.com");
  CHECK(beacon["verdict"] == "alert");
  CHECK(beacon["port"] == 8'000);
  CHECK(evidence(beacon, "image") == Approx(3.5));
  CHECK(evidence(beacon, "lineage") == Approx(1.0));
  CHECK(evidence(beacon, "follow_up") == Approx(1.0));
  CHECK(beacon["probability"].get<double>() > 0.9);
  CHECK(beacon["crossed"]["notice"]["ts"] < beacon["crossed"]["alert"]["ts"]);
  // One telling per level: by the calls first, then by what followed.
  REQUIRE(outcome.alerts.size() == 2);
  CHECK(outcome.alerts[0]["event"]["code"] == "beacon");
  CHECK(outcome.alerts[1]["event"]["code"] == "incident");
  CHECK(outcome.alerts[1]["tocsin"]["severity"] == "high");
  const auto& dropped = outcome.alerts[1]["tocsin"]["incident"]["steps"].at(0);
  CHECK(dropped["what"] == "dropped");
  CHECK(dropped["pid"] == 403);
  // As README.md shows it.
  CHECK(outcome.alerts[1]["message"].get<std::string>().ends_with(
      "no other program here goes there; 91 % likely; below it ran: /tmp/.x/payload"));
}

namespace {

// A vendor's application: updated on day 20, silent for ten days, then polling a new place.
EventLines updated_application(double* last_call = nullptr) {
  auto lines = everyday(32);
  lines.exec(60, 500, "/opt/3cx/desktop",
             packaged("3cx-desktop", {{"ppid", 1}, {"sha256", digest_of("18.12.407")}}));
  for (double t = 5 * kMinute; t < 32 * kDay; t += 6.1 * kHour)
    lines.connect(t, t < 20 * kDay ? 500 : 501, "update.3cx.com");
  lines.exec(20 * kDay, 501, "/opt/3cx/desktop",
             packaged("3cx-desktop", {{"ppid", 1}, {"sha256", digest_of("18.12.416")}}));
  std::mt19937_64 random(3);
  std::uniform_real_distribution<double> gap(14 * kMinute, 26 * kMinute);
  for (double t = 30 * kDay; t < 31 * kDay; t += gap(random)) {
    lines.connect(t, 501, "azureonlinestorage.com");
    if (last_call != nullptr) *last_call = t;
  }
  return lines;
}

}  // namespace

TEST_CASE("an updated application that calls a new place and then opens a shell") {
  double t = 0;
  auto lines = updated_application(&t);
  t += 2 * kMinute;
  lines.exec(t, 510, "/bin/sh",
             packaged("dash", {{"ppid", 501}, {"stdin", "socket"}, {"argv", {"sh", "-i"}}}));
  int pid = 511;
  for (const auto* command : {"/usr/bin/whoami", "/usr/bin/id", "/usr/bin/uname"}) {
    lines.exec(t + pid - 505, pid, command, packaged("coreutils", {{"ppid", 510}}));
    ++pid;
  }
  const auto outcome = lines.replay();
  const auto& beacon = outcome.beacon("azureonlinestorage.com");
  CHECK(beacon["subject"]["sha256"] == digest_of("18.12.416"));
  CHECK(evidence(beacon, "image") == Approx(0));          // third party, changed
  CHECK(evidence(beacon, "destination") == Approx(1.5));  // new to it, used by nobody else
  CHECK(evidence(beacon, "follow_up") == Approx(7.0));    // nothing vouches for what it calls
  CHECK((beacon["verdict"] == "alert" || beacon["verdict"] == "critical"));
  // One telling with all of it: a shell that somebody types into is as bad as it gets.
  REQUIRE(outcome.alerts.size() == 1);
  const auto& alert = outcome.alerts[0];
  CHECK(alert["event"]["code"] == "incident");
  CHECK(alert["tocsin"]["severity"] == "critical");
  CHECK(alert["tocsin"]["beacon"]["destination"] == "azureonlinestorage.com");
  CHECK(alert["process"]["executable"] == "/opt/3cx/desktop");
  const auto& incident = alert["tocsin"]["incident"];
  CHECK(incident["update"]["before"] == digest_of("18.12.407"));
  REQUIRE(incident["steps"].size() == 4);
  CHECK(incident["steps"][0]["what"] == "shell");
  CHECK(incident["steps"][3]["what"] == "look-around");
  CHECK(outcome.beacon("update.3cx.com")["verdict"] == "none");
}

TEST_CASE("without the shell the same application is a row for hunters and no alert") {
  const auto outcome = updated_application().replay();
  CHECK(outcome.alerts.empty());
  const auto& beacon = outcome.beacon("azureonlinestorage.com");
  CHECK(beacon["verdict"] == "none");
  CHECK(beacon["score"].get<double>() > 0.5);
  CHECK(evidence(beacon, "destination") == Approx(1.5));
}

TEST_CASE("names join two addresses to one key, and questions do not count beside connects") {
  EventLines lines;
  lines.exec(0, 200, "/usr/bin/check", packaged("check"));
  for (int i = 0; i < 30; ++i) {
    const double t = 100 + i * kHour;
    const std::string addr = i % 2 == 0 ? "203.0.113.1" : "203.0.113.2";
    lines.connect(t - 0.5, 200, "", {{"addr", "192.0.2.53"}, {"port", 53}, {"proto", "udp"}});
    lines.line(t, 200, "dns",
               {{"qname", "cdn.shop.example"},
                {"qtype", "A"},
                {"rcode", "NOERROR"},
                {"answers", {{{"type", "A"}, {"data", addr}, {"ttl", 60}}}}});
    lines.connect(t + 0.1, 200, "", {{"addr", addr}});
  }
  const auto outcome = lines.replay();
  REQUIRE(outcome.beacons.size() == 1);
  CHECK(outcome.beacons[0]["destination"] == "cdn.shop.example");
  CHECK(outcome.beacons[0]["contacts"] == 30);
  CHECK(outcome.beacons[0]["score"].get<double>() > 0.9);
}

TEST_CASE("a resolver that passes a question on makes no second contact") {
  EventLines lines;
  lines.exec(0, 200, "/usr/bin/check", packaged("check"));
  lines.exec(0, 201, "/usr/lib/systemd/systemd-resolved", packaged("systemd-resolved"));
  const Json answer = {{{"type", "A"}, {"data", "203.0.113.1"}, {"ttl", 60}}};
  for (int i = 0; i < 12; ++i) {
    const double t = 100 + i * kHour;
    for (const int pid : {200, 201})
      lines.line(t + pid * 1e-3, pid, "dns", {{"qname", "cdn.shop.example"}, {"qtype", "A"}});
    for (const int pid : {201, 200})
      lines.line(t + 0.5 - pid * 1e-3, pid, "dns",
                 {{"qname", "cdn.shop.example"},
                  {"qtype", "A"},
                  {"rcode", "NOERROR"},
                  {"answers", answer}});
    lines.connect(t + 1, 200, "", {{"addr", "203.0.113.1"}});
  }
  const auto outcome = lines.replay();
  REQUIRE(outcome.beacons.size() == 1);
  CHECK(outcome.beacons[0]["kind"] == "connect");
  CHECK(outcome.beacons[0]["contacts"] == 12);
}

TEST_CASE("commands of one interpreter are programs of their own, and no change of its file") {
  auto lines = everyday(1);
  for (int i = 0; i < 10; ++i) {
    lines.exec(kHour + 60 * i, 600 + 2 * i, "/usr/bin/python3",
               {{"argv", {"python3", "-c", "poll()"}}, {"sha256", digest_of("python3")}});
    lines.connect(kHour + 60 * i + 1, 600 + 2 * i, "poll.example");
    lines.exec(kHour + 60 * i + 5, 601 + 2 * i, "/usr/bin/python3",
               {{"argv", {"python3", "-c", "other()"}}, {"sha256", digest_of("python3")}});
    lines.connect(kHour + 60 * i + 6, 601 + 2 * i, "poll.example");
  }
  const auto outcome = lines.replay();
  std::size_t keys = 0;
  for (const auto& beacon : outcome.beacons) {
    if (beacon["destination"] != "poll.example") continue;
    ++keys;
    CHECK(beacon["contacts"] == 10);
    CHECK(beacon["subject"]["kind"] == "command");
    CHECK(evidence(beacon, "image") == Approx(1.5));  // new, given as code, and not changed
  }
  CHECK(keys == 2);
}

TEST_CASE("polling by questions alone shows, below the registrable domain") {
  auto lines = everyday(1);
  lines.exec(kHour, 210, "/dev/shm/x", {{"package", ""}});
  for (int i = 0; i < 120; ++i)
    lines.line(kHour + 10 + i * 120, 210, "dns",
               {{"qname", "a" + std::to_string(i) + ".t.evil.co.uk"}, {"qtype", "TXT"}});
  const auto outcome = lines.replay();
  const auto& beacon = outcome.beacon("evil.co.uk");
  CHECK(beacon["kind"] == "dns");
  CHECK(beacon["contacts"] == 120);
  CHECK(beacon["verdict"] == "notice");
  CHECK(beacon["period_s"].get<double>() == Approx(120).epsilon(0.01));
}

TEST_CASE("a dead server's program is no beacon by its retries, and its failures are counted") {
  auto lines = everyday(2);
  lines.exec(kHour, 220, "/home/u/bin/sync", {{"package", ""}});
  std::mt19937_64 random(5);
  std::exponential_distribution<double> pause(1 / 4'000.0);
  double t = kHour;
  for (int i = 0; i < 30; ++i, t += 30 + pause(random))
    for (int retry = 0; retry < 3; ++retry)
      lines.connect(t + 5 * retry, 220, "down.example", {{"result", "timeout"}});
  const auto outcome = lines.replay();
  const auto& beacon = outcome.beacon("down.example");
  CHECK(beacon["failed"] == 90);
  CHECK(beacon["score"].get<double>() < 0.5);
  CHECK(beacon["verdict"] == "none");
}

TEST_CASE("loopback, link-local and multicast are nobody's server") {
  EventLines lines;
  lines.exec(0, 230, "/tmp/x");
  for (int i = 0; i < 20; ++i)
    for (const auto* addr : {"127.0.0.1", "::1", "169.254.169.254", "fe80::1", "224.0.0.251"})
      lines.connect(10 + i * 60, 230, "", {{"addr", addr}});
  CHECK(lines.replay().beacons.empty());
}

TEST_CASE("a /64 is one destination, and one without a name says so") {
  auto lines = everyday(1);
  lines.exec(kHour, 240, "/tmp/x", {{"package", ""}});
  for (int i = 0; i < 20; ++i)
    lines.connect(kHour + 60 + i * 60, 240, "",
                  {{"addr", "2001:db8:1:2::" + std::to_string(i + 1)}});
  const auto outcome = lines.replay();
  const auto& beacon = outcome.beacon("2001:db8:1:2::/64");
  CHECK(beacon["contacts"] == 20);
  CHECK(evidence(beacon, "destination") == Approx(1.2));
}

TEST_CASE("sizes from closing connections weigh in, a long one is told") {
  auto lines = everyday(1);
  lines.exec(kHour, 250, "/home/u/x", {{"package", ""}});
  for (int i = 0; i < 20; ++i) {
    lines.connect(kHour + 60 + i * 60, 250, "c2.example");
    lines.line(kHour + 61 + i * 60, 250, "close",
               {{"addr", "198.51.100.7"}, {"port", 443}, {"bytes_out", 600}, {"duration", 1}});
  }
  lines.connect(kHour, 250, "long.example", {{"addr", "198.51.100.8"}});
  lines.line(kHour * 6, 250, "close",
             {{"addr", "198.51.100.8"}, {"port", 443}, {"bytes_out", 1}, {"duration", 18'000}});
  const auto outcome = lines.replay();
  CHECK(outcome.beacon("c2.example")["size"].get<double>() == Approx(1).margin(0.01));
  CHECK(evidence(outcome.beacon("long.example"), "timing") == Approx(0.7));
}
