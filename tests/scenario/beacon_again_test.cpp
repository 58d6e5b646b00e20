// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// Shells below a program whose level was told before: each day's first is told, a session once.
#include <algorithm>

#include "support/event_lines.hpp"
#include "support/test.hpp"

using namespace tocsin;
using test::EventLines;
using Json = nlohmann::json;

namespace {

constexpr double kHour = 3'600, kDay = 86'400;
constexpr int kAgent = 300;

// An agent by hand, which polls every ten minutes.
EventLines agent_polls(int days) {
  EventLines lines;
  lines.exec(0, 1, "/usr/lib/systemd/systemd", {{"package", "systemd"}});
  lines.exec(kHour, kAgent, "/opt/agent/agent", {{"ppid", 1}, {"package", ""}});
  for (int i = 0; i < days * 144; ++i) lines.connect(kHour + 10 + 600 * i, kAgent, "home.example");
  return lines;
}

void shell(EventLines& lines, double at, int pid, std::vector<std::string> argv = {"bash", "-i"},
           int parent = kAgent) {
  lines.exec(at, pid, "/usr/bin/bash",
             {{"ppid", parent},
              {"package", "bash"},
              {"stdin", "socket"},
              {"stdin_family", "inet"},
              {"argv", std::move(argv)}});
}

// Messages of the incidents.
std::vector<std::string> told(const EventLines& lines) {
  std::vector<std::string> out;
  for (const auto& alert : lines.replay().alerts)
    if (alert["tocsin"].contains("incident")) out.push_back(alert["message"]);
  return out;
}

constexpr const char* kAgain = "a new shell below what was told first at 2023-11-16";

}  // namespace

TEST_CASE("a second shell weeks after the first is told again, and says so") {
  auto lines = agent_polls(21);
  shell(lines, kDay + 2 * kHour, 301);
  shell(lines, 20 * kDay + 2 * kHour, 302);
  const auto messages = told(lines);
  REQUIRE(messages.size() == 2);
  CHECK(messages[0].find("a new shell") == std::string::npos);
  CHECK(messages[1].find(kAgain) != std::string::npos);
  CHECK(messages[1].find("below it ran: bash -i") != std::string::npos);
}

TEST_CASE("shells by the hour are told once a day") {
  auto lines = agent_polls(5);
  for (int hour = 0; hour < 72; ++hour) shell(lines, kDay + 2 * kHour + hour * kHour, 1'000 + hour);
  const auto count = told(lines).size();
  CHECK(count >= 3);
  CHECK(count <= 4);  // the last by the end of the recording
}

TEST_CASE("what a shell starts on the same socket is the same shell") {
  auto lines = agent_polls(3);
  shell(lines, kDay + 2 * kHour, 301);
  for (int i = 0; i < 20; ++i)
    shell(lines, kDay + 3 * kHour + 600 * i, 400 + i, {"sh", "-c", "df"}, 301);
  CHECK(told(lines).size() == 1);
}

TEST_CASE("a shell that stays open excuses no later one below it") {
  auto lines = agent_polls(21);
  shell(lines, kDay + 2 * kHour, 301);
  shell(lines, 20 * kDay + 2 * kHour, 302, {"bash", "-i"}, 301);
  CHECK(told(lines).size() == 2);
}

TEST_CASE("what goes on without a shell is told no second time") {
  auto lines = agent_polls(21);
  shell(lines, kDay + 2 * kHour, 301);
  CHECK(told(lines).size() == 1);
}
