// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// Code that is given to an interpreter: the interpreter's package vouches for none of it.
#include "support/event_lines.hpp"
#include "support/test.hpp"

using namespace tocsin;
using test::digest_of;
using test::EventLines;
using Json = nlohmann::json;

namespace {

constexpr double kHour = 3'600, kDay = 86'400;
constexpr int kCron = 20, kCode = 300;

Json packaged(const char* package, Json members = Json::object()) {
  members["package"] = package;
  members["package_intact"] = true;
  return members;
}

EventLines host() {
  EventLines lines;
  lines.exec(0, 1, "/usr/lib/systemd/systemd", packaged("systemd"));
  lines.exec(1, kCron, "/usr/sbin/cron", packaged("cron", {{"ppid", 1}}));
  return lines;
}

Json python(std::vector<std::string> argv, Json members = Json::object()) {
  argv.insert(argv.begin(), "python3");
  members["argv"] = argv;
  if (!members.contains("ppid")) members["ppid"] = 1;
  members["sha256"] = digest_of("python3.11");
  return packaged("python3.11-minimal", members);
}

// It polls every five minutes for an hour.
EventLines polling(EventLines lines, Json exec) {
  lines.exec(kHour, kCode, "/usr/bin/python3.11", std::move(exec));
  for (int i = 0; i < 12; ++i) lines.connect(kHour + 10 + 300 * i, kCode, "home.example");
  return lines;
}

Json with_shell(EventLines lines) {
  lines.exec(kHour + 3'400, kCode + 1, "/usr/bin/bash",
             packaged("bash", {{"ppid", kCode}, {"stdin", "socket"}, {"argv", {"bash", "-i"}}}));
  return lines.replay().beacon("home.example");
}

bool because(const Json& beacon, const std::string& words) {
  for (const auto& reason : beacon.at("because"))
    if (reason == words) return true;
  return false;
}

}  // namespace

TEST_CASE("code on a command line is nobody's work, and its shell counts as such") {
  const auto beacon = with_shell(polling(host(), python({"-c", "implant()"})));
  CHECK(beacon["subject"]["kind"] == "command");
  CHECK_FALSE(because(beacon, "an unchanged file of the distribution"));
  CHECK(because(beacon, "its code is no file: it came by the command line or a pipe"));
  CHECK(because(beacon, "and nothing vouches for the program that opened the shell"));
  CHECK(beacon["verdict"] == "alert");
}

TEST_CASE("code that comes by a pipe is the same") {
  const auto beacon = with_shell(polling(host(), python({}, {{"stdin", "pipe"}})));
  CHECK(beacon["subject"]["kind"] == "command");
  CHECK(beacon["verdict"] == "alert");
  for (const auto* family : {"inet", "unix"}) {
    const auto socket = python({}, {{"stdin", "socket"}, {"stdin_family", family}});
    const auto outcome = polling(host(), socket).replay();
    CHECK(outcome.beacon("home.example")["subject"]["kind"] == "command");
  }
  // What a person types is the interpreter's work, as before.
  const auto typed = polling(host(), python({}, {{"stdin", "pty"}})).replay();
  CHECK(typed.beacon("home.example")["subject"]["kind"] == "content");
}

TEST_CASE("options before a script do not hide the script") {
  for (const auto& argv : {std::vector<std::string>{"-E", "/tmp/implant.py"},
                           std::vector<std::string>{"-W", "ignore", "/tmp/implant.py"}}) {
    const auto outcome = polling(host(), python(argv)).replay();
    const auto& beacon = outcome.beacon("home.example");
    CHECK(beacon["subject"]["path"] == "/tmp/implant.py");
    CHECK(because(beacon, "it runs from a temporary folder"));
    CHECK(because(beacon, "no package owns the file"));
  }
}

TEST_CASE("one-liners of cron and of a package's scripts stay silent") {
  auto lines = host();
  lines.exec(5, 21, "/usr/bin/bash",
             packaged("bash", {{"ppid", kCron},
                               {"sha256", digest_of("bash")},
                               {"script",
                                {{"path", "/usr/share/tool/report"},
                                 {"sha256", digest_of("report")},
                                 {"package", "tool"},
                                 {"package_intact", true}}}}));
  for (int i = 0; i < 3 * 288; ++i) {
    const double at = kHour + 300 * i;
    const int pid = 1'000 + 4 * i;
    lines.exec(at, pid, "/bin/sh",
               packaged("dash", {{"ppid", kCron}, {"argv", {"sh", "-c", "curl -s ping.example"}}}));
    lines.exec(at + 0.1, pid + 1, "/usr/bin/curl", packaged("curl", {{"ppid", pid}}));
    lines.connect(at + 0.2, pid + 1, "ping.example");
    lines.exec(at + 1, pid + 2, "/usr/bin/python3.11",
               python({"-c", "push(metrics)"}, {{"ppid", kCron}, {"stdin", "pipe"}}));
    lines.connect(at + 1.2, pid + 2, "metrics.example");
    lines.exec(at + 2, pid + 3, "/usr/bin/python3.11", python({"-c", "report()"}, {{"ppid", 21}}));
    lines.connect(at + 2.2, pid + 3, "report.example");
  }
  const auto outcome = lines.replay();
  CHECK(outcome.alerts.empty());
  for (const auto* destination : {"ping.example", "metrics.example", "report.example"}) {
    INFO(destination);
    CHECK(outcome.beacon(destination)["score"].get<double>() > 0.9);
    CHECK(outcome.beacon(destination)["verdict"] == "none");
  }
  CHECK(because(outcome.beacon("ping.example"), "an unchanged file of the distribution"));
  // What a package's own script tells an interpreter is no more than not vouched for.
  CHECK_FALSE(because(outcome.beacon("report.example"),
                      "its code is no file: it came by the command line or a pipe"));
}

TEST_CASE("the last intervals and the sleep before the first call are told") {
  auto lines = host();
  lines.exec(kDay, kCode, "/home/u/x", {{"package", ""}, {"ppid", 1}});
  for (int i = 0; i < 12; ++i) lines.connect(4 * kDay + 300 * i, kCode, "home.example");
  lines.exec(4 * kDay + 3'400, kCode + 1, "/usr/bin/bash",
             packaged("bash", {{"ppid", kCode}, {"stdin", "socket"}, {"argv", {"bash", "-i"}}}));
  const auto outcome = lines.replay();
  REQUIRE_FALSE(outcome.alerts.empty());
  const auto& alert = outcome.alerts.back();
  const auto& beacon = alert["tocsin"]["beacon"];
  REQUIRE(beacon["intervals"].size() == 8);
  for (const auto& interval : beacon["intervals"])
    CHECK(interval.get<double>() == Approx(300).epsilon(0.001));
  CHECK(beacon["dormant_s"].get<double>() == Approx(3 * kDay));
  CHECK(alert["message"].get<std::string>().find("silent for 3 days before the first") !=
        std::string::npos);
}
