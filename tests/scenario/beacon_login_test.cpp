// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// What makes a session a person's, and what an intruder may not borrow from that.
#include "support/event_lines.hpp"
#include "support/test.hpp"

using namespace tocsin;
using test::EventLines;
using Json = nlohmann::json;

namespace {

constexpr double kHour = 3'600;
constexpr const char* kHome = "home.example";
constexpr int kSshd = 20, kProgram = 300;
const std::string kContainer(64, 'c');
const Json kTerminal = {{"stdin", "pty"}, {"tty", "pts/3"}, {"argv", {"bash"}}, {"uid", 1000}};

EventLines host() {
  EventLines lines;
  lines.exec(0, 1, "/usr/lib/systemd/systemd", {{"package", "systemd"}});
  lines.exec(1, kSshd, "/usr/sbin/sshd", {{"ppid", 1}, {"package", "openssh-server"}});
  return lines;
}

// A person with number 1000 is there all the time.
EventLines with_person() {
  auto lines = host();
  lines.exec(10, 21, "/usr/sbin/sshd", {{"ppid", kSshd}, {"package", "openssh-server"}});
  lines.exec(11, 22, "/bin/bash",
             {{"ppid", 21}, {"argv", {"-bash"}}, {"uid", 1000}, {"loginuid", 1000}});
  return lines;
}

void implant(EventLines& lines, Json members) {
  members["package"] = "";
  lines.exec(kHour, kProgram, "/opt/helper/helperd", std::move(members));
  for (int i = 0; i < 12; ++i) lines.connect(kHour + 10 + 300 * i, kProgram, kHome);
}

Json below(int parent, Json members) {
  members["ppid"] = parent;
  return members;
}

double follow_up(const EventLines& lines) {
  return lines.replay().beacon(kHome)["evidence"]["follow_up"].get<double>();
}

bool is_a_persons(const EventLines& lines) {
  const auto outcome = lines.replay();
  for (const auto& words : outcome.beacon(kHome)["because"])
    if (words == "a person who logged in started it") return true;
  return false;
}

constexpr double kThen = kHour + 3'400;

// A person started the implant in a session that is over. It gives itself one, by login, at a time.
EventLines left_behind(double login_at) {
  auto lines = with_person();
  const Json theirs = {{"ppid", 22}, {"uid", 1000}, {"loginuid", 1000}, {"package", ""}};
  lines.exec(kHour, kProgram, "/opt/helper/helperd", theirs);
  lines.line(kHour + 60, 22, "exit", Json::object());
  lines.line(kHour + 61, 21, "exit", Json::object());
  lines.exec(login_at, 301, "/bin/login",
             {{"ppid", kProgram}, {"package", "login"}, {"package_intact", true}});
  lines.exec(login_at + 1, 302, "/bin/bash", below(301, kTerminal));
  return lines;
}

}  // namespace

TEST_CASE("a login program that a caller starts for its far end hides nothing") {
  for (const auto* login : {"/usr/sbin/sshd", "/bin/login"}) {
    auto lines = host();
    implant(lines, {{"ppid", 1}});
    lines.exec(
        kThen, 301, login,
        {{"ppid", kProgram}, {"stdin", "socket"}, {"package", "p"}, {"package_intact", true}});
    lines.exec(kThen + 1, 302, "/bin/bash", below(301, kTerminal));
    CHECK(follow_up(lines) == Approx(6.5));
  }
  // Nor when it becomes one.
  auto lines = host();
  implant(lines, {{"ppid", 1}});
  lines.exec(kThen, kProgram, "/usr/sbin/sshd", {{"package", "openssh-server"}});
  lines.exec(kThen + 1, 302, "/bin/bash", below(kProgram, kTerminal));
  CHECK(follow_up(lines) == Approx(6.5));
}

TEST_CASE("what bears a login program's name is none against its package's word") {
  for (const bool genuine : {true, false}) {
    auto lines = host();
    lines.exec(kHour - 5, 301, "/usr/bin/login",
               {{"ppid", 1}, {"package", "login"}, {"package_intact", genuine}});
    implant(lines, {{"ppid", 301}});
    CHECK(is_a_persons(lines) == genuine);
  }
}

TEST_CASE("in a container a login program needs a package's word") {
  for (const bool intact : {true, false}) {
    auto lines = host();
    Json login = {{"ppid", 1}, {"container", kContainer}};
    if (intact) login["package"] = "openssh-server", login["package_intact"] = true;
    lines.exec(kHour - 5, 301, "/usr/sbin/sshd", login);
    implant(lines, {{"ppid", 301}, {"container", kContainer}});
    CHECK(is_a_persons(lines) == intact);
  }
}

TEST_CASE("a terminal makes nobody a person: not in a container, not by a wrapper") {
  auto lines = with_person();
  implant(lines, {{"ppid", 1}, {"container", kContainer}, {"tty", "pts/0"}, {"uid", 1000}});
  CHECK_FALSE(is_a_persons(lines));
  auto shell = kTerminal;
  shell["container"] = kContainer;
  lines.exec(kThen, 302, "/bin/bash", below(kProgram, shell));
  CHECK(follow_up(lines) == Approx(6.5));

  // cron gives its jobs the owner's login id, and script gives them a terminal.
  auto wrapped = with_person();
  wrapped.exec(20, 30, "/usr/sbin/cron", {{"ppid", 1}, {"package", "cron"}});
  wrapped.exec(kHour - 5, 31, "/usr/bin/script",
               {{"ppid", 30}, {"loginuid", 1000}, {"package", "bsdutils"}});
  implant(wrapped, {{"ppid", 31}, {"tty", "pts/9"}, {"loginuid", 1000}, {"uid", 1000}});
  CHECK_FALSE(is_a_persons(wrapped));
  wrapped.exec(kThen, 302, "/bin/bash", below(kProgram, kTerminal));
  CHECK(follow_up(wrapped) == Approx(6.5));
}

TEST_CASE("a daemon that a person started is theirs while they are there") {
  auto lines = with_person();
  // A terminal's server that left its parent, and what runs in it.
  lines.exec(kHour - 9, 40, "/usr/bin/tmux",
             {{"ppid", 1}, {"loginuid", 1000}, {"uid", 1000}, {"package", "tmux"}});
  lines.exec(kHour - 8, 41, "/bin/bash", {{"ppid", 40}, {"loginuid", 1000}, {"uid", 1000}});
  implant(lines, {{"ppid", 41}, {"tty", "pts/5"}, {"loginuid", 1000}, {"uid", 1000}});
  CHECK(is_a_persons(lines));
  lines.exec(kThen, 302, "/bin/bash", below(kProgram, kTerminal));
  CHECK(follow_up(lines) == 0);
}

TEST_CASE("a container's user is not the host's of the same number") {
  auto lines = with_person();
  const Json inside = {{"ppid", 1},
                       {"container", kContainer},
                       {"package", "openssh-server"},
                       {"package_intact", true}};
  lines.exec(kHour - 9, 50, "/usr/sbin/sshd", inside);
  lines.exec(kHour - 8, 51, "/bin/bash",
             {{"ppid", 50}, {"container", kContainer}, {"argv", {"-bash"}}, {"uid", 1000}});
  implant(lines, {{"ppid", 51}, {"container", kContainer}, {"uid", 1000}});
  // They have left; the person on the host has the same number.
  lines.line(kThen - 60, 51, "exit", Json::object());
  lines.line(kThen - 59, 50, "exit", Json::object());
  auto shell = kTerminal;
  shell["container"] = kContainer;
  lines.exec(kThen, 302, "/bin/bash", below(kProgram, shell));
  CHECK(follow_up(lines) == Approx(6.5));
}

TEST_CASE("a session that an implant gave itself before its first contact excuses no later shell") {
  auto lines = left_behind(kHour + 90);
  for (int i = 0; i < 12; ++i) lines.connect(kHour + 100 + 300 * i, kProgram, kHome);
  lines.exec(kThen + 20, 303, "/bin/bash", below(kProgram, kTerminal));
  CHECK(follow_up(lines) == Approx(6.5));
}

TEST_CASE("nor does one that it gave itself while its contact waited for a name") {
  auto lines = left_behind(kHour + 101);
  lines.connect(kHour + 100, kProgram, "", {{"addr", "203.0.113.9"}});
  const auto beacon = lines.replay().beacon("203.0.113.9");
  CHECK(beacon["evidence"]["follow_up"].get<double>() == Approx(6.5));
}
