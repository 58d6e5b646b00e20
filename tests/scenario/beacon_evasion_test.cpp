// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// Cheap tricks by which a program could hide that it calls home. Each was one once.
#include <algorithm>

#include "support/event_lines.hpp"
#include "support/test.hpp"

using namespace tocsin;
using test::EventLines;
using Json = nlohmann::json;

namespace {

constexpr double kHour = 3'600;
constexpr int kImplant = 300;

EventLines implant() {
  EventLines lines;
  lines.exec(0, 1, "/usr/lib/systemd/systemd", {{"package", "systemd"}, {"package_intact", true}});
  lines.exec(kHour, kImplant, "/dev/shm/x", {{"package", ""}});
  return lines;
}

}  // namespace

TEST_CASE("hundreds of other names before it hide no beacon") {
  auto lines = implant();
  for (int i = 0; i < 1000; ++i)
    lines.connect(kHour + 1 + i, kImplant, "junk-" + std::to_string(i) + ".example");
  for (int i = 0; i < 100; ++i) lines.connect(2 * kHour + i * 300, kImplant, "c2.example");
  const auto outcome = lines.replay();
  CHECK(outcome.beacon("c2.example")["contacts"] == 100);
  CHECK(outcome.beacon("c2.example")["verdict"] != "none");
}

TEST_CASE("one contact from a clock that was ahead freezes no beacon") {
  auto lines = implant();
  lines.connect(kHour + 1, kImplant, "c2.example", {{"ts", 1'800'000'000}});
  for (int i = 0; i < 100; ++i) lines.connect(2 * kHour + i * 300, kImplant, "c2.example");
  CHECK(lines.replay().beacon("c2.example")["verdict"] != "none");
}

TEST_CASE("a name said to the loopback stands for no question") {
  auto lines = implant();
  for (int i = 0; i < 120; ++i) {
    const double at = kHour + 10 + i * 120;
    const auto name = "a" + std::to_string(i) + ".t.evil.example";
    lines.line(at, kImplant, "dns", {{"qname", name}, {"qtype", "TXT"}});
    lines.line(at + 1, kImplant, "tls", {{"addr", "127.0.0.1"}, {"port", 443}, {"host", name}});
  }
  const auto outcome = lines.replay();
  REQUIRE(outcome.has("evil.example"));
  CHECK(outcome.beacon("evil.example")["contacts"] == 120);
}

TEST_CASE("a popular name that only the program says earns nothing") {
  const auto probability = [](bool answered) {
    auto lines = implant();
    const Json answer = {{"type", "A"}, {"data", "198.51.100.7"}, {"ttl", 60}};
    for (int i = 0; i < 100; ++i) {
      const double at = 2 * kHour + i * 300;
      if (answered)
        lines.line(
            at - 1, kImplant, "dns",
            {{"qname", "www.google.com"}, {"qtype", "A"}, {"answers", Json::array({answer})}});
      lines.connect(at, kImplant, "", {{"addr", "198.51.100.7"}});
      lines.line(at + 0.1, kImplant, "tls",
                 {{"addr", "198.51.100.7"}, {"port", 443}, {"host", "www.google.com"}});
    }
    const BeaconOptions options{
        .classify = [](const std::string&) { return DestinationClass{.popular = true}; }};
    return lines.replay(options).beacon("www.google.com")["probability"].get<double>();
  };
  CHECK(probability(false) > probability(true) + 0.1);
}

TEST_CASE("a program that becomes an honest one leaves what it did to itself") {
  auto lines = implant();
  for (int i = 0; i < 20; ++i) lines.connect(2 * kHour + i * 300, kImplant, "c2.example");
  const double then = 2 * kHour + 20 * 300;
  lines.exec(then, kImplant, "/usr/bin/openssl",
             {{"package", "openssl"}, {"package_intact", true}});
  lines.exec(
      then + 5, kImplant + 1, "/usr/bin/bash",
      {{"ppid", kImplant}, {"package", "bash"}, {"stdin", "socket"}, {"argv", {"sh", "-i"}}});
  const auto outcome = lines.replay();
  const auto incident = std::ranges::find_if(
      outcome.alerts, [](const Json& alert) { return alert["event"]["code"] == "incident"; });
  REQUIRE(incident != outcome.alerts.end());
  INFO(incident->dump());
  CHECK(incident->at("process").at("executable") == "/dev/shm/x");
  CHECK_FALSE(incident->contains("package"));
  CHECK(incident->at("tocsin").at("beacon").at("subject").at("path") == "/dev/shm/x");
}

TEST_CASE("another program's contact answers no question but its own and a resolver's") {
  const auto questions = [](const std::string& asks, const std::string& contacts) {
    EventLines lines;
    lines.exec(0, 200, asks, {{"package", ""}});
    lines.exec(0, 201, contacts, {{"package", ""}});
    for (int i = 0; i < 60; ++i) {
      const double at = kHour + 10 + i * 120;
      const auto name = "a" + std::to_string(i) + ".t.evil.example";
      lines.line(at, 200, "dns", {{"qname", name}, {"qtype", "TXT"}});
      lines.connect(at + 1, 201, "www.evil.example");
    }
    const auto outcome = lines.replay();
    return outcome.has("evil.example") ? outcome.beacon("evil.example")["contacts"].get<int>() : 0;
  };
  CHECK(questions("/opt/x", "/usr/bin/accomplice") == 60);
  CHECK(questions("/usr/lib/systemd/systemd-resolved", "/usr/bin/browser") == 0);
  CHECK(questions("/dev/shm/unbound", "/usr/bin/browser") == 60);
  // A fork of the same program.
  EventLines lines;
  lines.exec(0, 200, "/usr/bin/fetcher", {{"package", "fetcher"}});
  lines.line(1, 201, "fork", {{"ppid", 200}});
  for (int i = 0; i < 20; ++i) {
    lines.line(kHour + 120 * i, 200, "dns", {{"qname", "cdn.shop.example"}, {"qtype", "A"}});
    lines.connect(kHour + 120 * i + 1, 201, "cdn.shop.example");
  }
  CHECK_FALSE(lines.replay().has("shop.example"));
}
