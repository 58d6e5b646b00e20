// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// Which shells below a program that calls home count, and which are somebody's everyday.
#include "support/event_lines.hpp"
#include "support/test.hpp"

using namespace tocsin;
using test::digest_of;
using test::EventLines;
using Json = nlohmann::json;

namespace {

constexpr double kHour = 3'600, kDay = 86'400;
constexpr const char* kHome = "home.example";
constexpr int kSshd = 20, kSession = 21, kLoginShell = 22, kProgram = 300;

EventLines host() {
  EventLines lines;
  lines.exec(0, 1, "/usr/lib/systemd/systemd", {{"package", "systemd"}});
  lines.exec(1, kSshd, "/usr/sbin/sshd", {{"ppid", 1}, {"package", "openssh-server"}});
  return lines;
}

void log_in(EventLines& lines, double at) {
  lines.exec(at, kSession, "/usr/sbin/sshd", {{"ppid", kSshd}, {"package", "openssh-server"}});
  lines.exec(at + 1, kLoginShell, "/bin/bash",
             {{"ppid", kSession}, {"argv", {"-bash"}}, {"uid", 1000}, {"package", "bash"}});
}

// It runs from a hidden folder of a home, calls home every five minutes and then starts that.
Json shell_below(EventLines lines, int parent, Json shell,
                 const char* program = "/home/u/.server/node") {
  lines.exec(kHour, kProgram, program, {{"ppid", parent}, {"uid", 1000}, {"package", ""}});
  for (int i = 0; i < 12; ++i) lines.connect(kHour + 10 + 300 * i, kProgram, kHome);
  shell["ppid"] = kProgram;
  shell["uid"] = 1000;
  shell["package"] = "bash";
  lines.exec(2 * kHour, 301, "/usr/bin/bash", std::move(shell));
  return lines.replay().beacon(kHome);
}

const Json kTerminal = {{"stdin", "pty"}, {"tty", "pts/3"}, {"argv", {"bash"}}};
const Json kSocket = {{"stdin", "socket"}, {"argv", {"bash", "-i"}}};

double follow_up(const Json& beacon) {
  return beacon["evidence"]["follow_up"].get<double>();
}

}  // namespace

TEST_CASE("terminals of a person who is logged in are theirs, an implant's are not") {
  auto attended = host();
  log_in(attended, kHour - 60);
  const auto editor = shell_below(attended, kLoginShell, kTerminal);
  CHECK(follow_up(editor) == 0);
  CHECK(editor["verdict"] == "none");
  const auto implant = shell_below(host(), 1, kTerminal);
  CHECK(follow_up(implant) == Approx(6.5));
  CHECK(implant["verdict"] == "critical");
}

TEST_CASE("on a socket, or when the person has left, a shell counts also below a login") {
  auto lines = host();
  log_in(lines, kHour - 60);
  CHECK(follow_up(shell_below(lines, kLoginShell, kSocket)) == Approx(6.5));
  auto left = lines;
  left.line(kHour + 600, kLoginShell, "exit", Json::object());
  left.line(kHour + 601, kSession, "exit", Json::object());
  CHECK(follow_up(shell_below(left, kLoginShell, kTerminal)) == Approx(6.5));
  // Another session of the same person: they have come back.
  left.exec(kHour + 900, 31, "/usr/sbin/sshd", {{"ppid", kSshd}, {"package", "openssh-server"}});
  left.exec(kHour + 901, 32, "/bin/bash", {{"ppid", 31}, {"argv", {"-bash"}}, {"uid", 1000}});
  CHECK(follow_up(shell_below(left, kLoginShell, kTerminal)) == 0);
}

TEST_CASE("a person who is there excuses no install hook's terminals, nor a temporary file's") {
  auto lines = host();
  log_in(lines, kHour - 60);
  const auto below = [&](int parent, const char* program) {
    return follow_up(shell_below(lines, parent, kTerminal, program));
  };
  CHECK(below(kLoginShell, "/tmp/.x/node") == Approx(6.5));
  CHECK(below(kLoginShell, "/dev/shm/helper") == Approx(6.5));
  CHECK(below(kLoginShell, "/memfd:helper") == Approx(6.5));
  for (const auto* editor : {"/home/u/.vscode-server/bin/1a2b/node",
                             "/home/u/.cache/JetBrains/RemoteDev/dist/bin/remote-dev-server"})
    CHECK(below(kLoginShell, editor) == 0);
  lines.exec(kHour - 30, 40, "/usr/bin/npm", {{"ppid", kLoginShell}, {"package", "npm"}});
  lines.exec(kHour - 29, 41, "/bin/sh", {{"ppid", 40}, {"argv", {"sh", "-c", "node setup.js"}}});
  CHECK(below(41, "/home/u/app/node_modules/x/helper") == Approx(6.5));
}

TEST_CASE("a shell that was given its command is an agent's work, but on a socket") {
  const auto given = [](const char* std_in) {
    return follow_up(shell_below(host(), 1, {{"stdin", std_in}, {"argv", {"sh", "-c", "df"}}}));
  };
  CHECK(given("pipe") == 0);
  CHECK(given("null") == 0);
  CHECK(given("pty") == 0);
  // The program is called node, and Node's pipes are socket pairs.
  CHECK(given("socket") == 0);
  CHECK(follow_up(shell_below(host(), 1, {{"stdin", "pty"}, {"argv", {"sh", "/x.sh"}}})) == 0);
}

TEST_CASE("a command on a network's socket counts below any program, on a local one never") {
  const auto given = [](const char* program, Json how) {
    how["stdin"] = "socket";
    how["argv"] = {"sh", "-c", "df"};
    return follow_up(shell_below(host(), 1, std::move(how), program));
  };
  constexpr const char* kNode = "/home/u/.server/node";
  constexpr const char* kOther = "/home/u/.server/helper";
  CHECK(given(kNode, {{"stdin_family", "inet"}}) > 4);
  CHECK(given(kOther, {{"stdin_family", "inet"}}) > 4);
  CHECK(given(kOther, Json::object()) > 4);  // nobody said which
  CHECK(given(kOther, {{"stdin_family", "unix"}}) == 0);
}

TEST_CASE("a script on a network's socket counts like a command, its input like none") {
  const auto ran = [](const char* family, std::vector<std::string> argv,
                      const char* shell = "/usr/bin/bash") {
    auto lines = host();
    const int below = 302;
    lines.exec(kHour, kProgram, "/home/u/.server/helper", {{"ppid", 1}, {"package", ""}});
    for (int i = 0; i < 12; ++i) lines.connect(kHour + 10 + 300 * i, kProgram, kHome);
    Json how = {{"ppid", kProgram}, {"stdin", "socket"}, {"argv", std::move(argv)}};
    how["stdin_family"] = family;
    lines.exec(2 * kHour, below, shell, std::move(how));
    return follow_up(lines.replay().beacon(kHome));
  };
  CHECK(ran("inet", {"sh", "/opt/stage.sh"}) == Approx(6.5));
  CHECK(ran("unix", {"sh", "/opt/stage.sh"}) == 0);
  CHECK(ran("unix", {"sh", "/dev/stdin"}) == Approx(6.5));
  CHECK(ran("inet", {"tcsh", "-i"}, "/usr/bin/tcsh") == Approx(6.5));
  CHECK(ran("inet", {"csh"}, "/usr/bin/bsd-csh") == Approx(6.5));
}

TEST_CASE("what a runtime starts in a container is no follow-up of the runtime's calls") {
  auto lines = host();
  lines.exec(kHour, kProgram, "/opt/runtime/shim", {{"ppid", 1}, {"package", ""}});
  for (int i = 0; i < 12; ++i) lines.connect(kHour + 10 + 300 * i, kProgram, kHome);
  auto terminal = kTerminal;
  terminal["ppid"] = kProgram;
  terminal["container"] = digest_of("container");
  lines.exec(2 * kHour, 301, "/bin/sh", terminal);
  CHECK(follow_up(lines.replay().beacon(kHome)) == 0);
}

TEST_CASE("a shell at once after the first call, and one beside the worker that called") {
  auto lines = host();
  lines.exec(kHour, kProgram, "/home/u/x", {{"ppid", 1}, {"package", ""}});
  lines.connect(kHour + 1, kProgram, "", {{"addr", "203.0.113.9"}});
  auto shell = kSocket;
  shell["ppid"] = kProgram;
  lines.exec(kHour + 1.1, 301, "/bin/bash", shell);
  CHECK(follow_up(lines.replay().beacon("203.0.113.9")) == Approx(6.5));
  auto forking = host();
  forking.exec(kHour, kProgram, "/home/u/x", {{"ppid", 1}, {"package", ""}});
  forking.line(kHour + 1, 310, "fork", {{"ppid", kProgram}});
  forking.connect(kHour + 2, 310, kHome);
  forking.exec(kHour + 20, 301, "/bin/bash", shell);
  CHECK(follow_up(forking.replay().beacon(kHome)) == Approx(6.5));
}

TEST_CASE("look-around commands are an agent's habit, and an operator's beside a shell") {
  for (const bool with_shell : {false, true}) {
    auto lines = host();
    lines.exec(kHour, kProgram, "/opt/agent", {{"ppid", 1}, {"package", ""}});
    for (int i = 0; i < 12; ++i) lines.connect(kHour + 10 + 300 * i, kProgram, kHome);
    auto shell = kSocket;
    shell["ppid"] = kProgram;
    if (with_shell) lines.exec(2 * kHour, 301, "/bin/bash", shell);
    int pid = 302;
    for (const auto* name : {"id", "uname", "hostname"}) {
      lines.exec(2 * kHour + pid - 300, pid, std::string("/usr/bin/") + name,
                 {{"ppid", with_shell ? 301 : kProgram}});
      ++pid;
    }
    CHECK(follow_up(lines.replay().beacon(kHome)) == Approx(with_shell ? 7.0 : 0));
  }
}

TEST_CASE("a package's program with a library that changed is nobody's known work") {
  for (const bool changed : {false, true}) {
    auto lines = host();
    const Json vendor = {{"ppid", 1}, {"package", "app"}, {"package_intact", true}};
    const auto library = [&](double at, const char* content) {
      lines.line(at, kProgram, "module",
                 {{"path", "/opt/app/libffmpeg.so"},
                  {"sha256", digest_of(content)},
                  {"package", "app"},
                  {"package_intact", true}});
    };
    lines.exec(5, kProgram, "/opt/app/app", vendor);
    library(6, "old");
    library(20 * kDay, changed ? "new" : "old");
    for (int i = 0; i < 12; ++i) lines.connect(22 * kDay + kHour * i, kProgram, kHome);
    const auto beacon = lines.replay().beacon(kHome);
    CHECK(beacon["evidence"]["image"].get<double>() == Approx(changed ? 0.5 : -0.5));
  }
}

TEST_CASE("the course of the scores is told over time") {
  auto lines = host();
  lines.exec(kHour, kProgram, "/tmp/x", {{"ppid", 1}, {"package", ""}});
  for (int i = 0; i < 30; ++i) lines.connect(kHour + 10 + 300 * i, kProgram, kHome);
  BeaconOptions options;
  options.course = true;
  const auto history = lines.replay(options).beacon(kHome)["history"];
  REQUIRE(history.size() >= 3);
  CHECK(history[0][1] == 1);
  CHECK(history[0][2] == 0);
  CHECK(history.back()[2] > 0.5);
  CHECK(history.back()[3] > history[0][3]);
  CHECK_FALSE(lines.replay().beacon(kHome).contains("history"));
}
