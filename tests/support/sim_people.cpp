// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// What honest people do at a host, and what runs for them.
#include <fmt/format.h>

#include "base/sha256_of.hpp"
#include "support/sim_honest.hpp"

namespace tocsin::test::sim {

void poll(Host& host, int pid, const Timer& timer, const Host::Call& call) {
  auto& random = host.random();
  for (double t = timer.from; t < host.end();
       t += timer.period_s * (1 + random.between(-timer.spread, timer.spread)))
    host.connect(t, pid, call);
}

Host::Program packaged(const char* path, const char* package, std::vector<std::string> argv) {
  return {.path = path, .argv = std::move(argv), .package = package};
}

Host::Program shell_command(const std::string& command, const char* std_in, Json more) {
  if (more.is_null()) more = Json::object();
  more["stdin"] = std_in;
  return {
      .path = "/bin/sh", .argv = {"sh", "-c", command}, .package = "dash", .more = std::move(more)};
}

void tools(Host& host, int above, double at, std::span<const char* const> names) {
  for (const auto* name : names)
    host.run(at += 0.8, above, {.path = fmt::format("/usr/bin/{}", name), .package = "coreutils"});
}

int login(Host& host, double at, double lasts) {
  static const Host::Program sshd = packaged("/usr/sbin/sshd", "openssh-server");
  const int daemon = host.run(at - 0.3, host.init(), sshd);
  const int session = host.run(at - 0.2, daemon, sshd);
  auto bash = packaged("/bin/bash", "bash", {"-bash"});
  bash.more = {{"uid", 1000}, {"loginuid", 1000}, {"tty", "pts/0"}, {"stdin", "pty"}};
  const int shell = host.run(at, session, bash);
  host.exit(at + lasts, shell);
  host.exit(at + lasts + 0.1, session);
  return shell;
}

void editor_server(Host& host) {
  auto& random = host.random();
  const std::string folder =
      fmt::format("/home/dev/.vscode-server/bin/{:x}", random.whole(1, 1 << 30));
  int server = 0;
  for (double day = 0; day < host.days(); ++day) {
    const double at = day * kDay + random.between(8, 10) * kHour;
    const double until = at + random.between(5, 9) * kHour;
    const int shell = login(host, at, until - at);
    const Json person = {{"uid", 1000}, {"loginuid", 1000}};
    server = host.run(at + 2, shell,
                      {.path = folder + "/node",
                       .argv = {folder + "/node", folder + "/out/server-main.js"},
                       .package = random.chance(0.7) ? "" : "?",
                       .sha256 = sha256_of(folder).hex(),
                       .more = person});
    for (double t = at + 5; t < until; t += 300 * random.between(0.98, 1.02))
      host.connect(t, server, {.host = "vortex.data.microsoft.example", .bytes = 1'500});
    for (double t = at + 9; t < until; t += 1'800)
      host.connect(t, server, {.host = "update.code.example", .bytes = 700});
    for (double t = at + 60; t < until; t += random.exponential(2 * kHour)) {
      Json terminal = person;
      terminal["stdin"] = "pty";
      terminal["tty"] = fmt::format("pts/{}", random.whole(1, 9));
      const int bash = host.run(t, server,
                                {.path = "/usr/bin/bash",
                                 .argv = {"/usr/bin/bash", "--init-file", folder + "/x.sh"},
                                 .package = "bash",
                                 .more = terminal});
      if (random.chance(0.5)) tools(host, bash, t + 10, kLooking);
    }
    for (double t = at + 30; t < until; t += 10 * kMinute)
      host.run(t, server, shell_command("which git", "socket", person));
    host.exit(until + 5, server);
  }
}

void ci_runner(Host& host) {
  auto& random = host.random();
  const int runner = host.run(
      13, host.init(), {.path = "/home/ci/actions-runner/bin/Runner.Listener", .package = ""});
  poll(host, runner, {50, 0.05}, {.host = "pipelines.forge.example", .bytes = 800});
  int job = 0;
  for (double t = 900; t < host.end();
       t += random.chance(0.5) ? kHour : random.exponential(kHour)) {
    const int worker =
        host.run(t, runner, {.path = "/home/ci/actions-runner/bin/Runner.Worker", .package = ""});
    auto script = packaged("/usr/bin/bash", "bash");
    script.argv = {"bash", "-e", fmt::format("/tmp/runner/_temp/{}.sh", ++job)};
    script.more = {{"stdin", "null"},
                   {"script",
                    {{"path", script.argv[2]},
                     {"sha256", sha256_of(job % 3 == 0 ? script.argv[2] : "deploy").hex()}}}};
    const int bash = host.run(t + 1, worker, script);
    host.connect(t + 2, bash, {.host = "artifacts.forge.example"});
    const int npm = host.run(t + 3, bash,
                             packaged("/usr/bin/node", "nodejs",
                                      {"node", "/usr/lib/node_modules/npm/bin/npm-cli.js", "ci"}));
    for (int i = 0; i < 20; ++i) host.connect(t + 4 + 0.3 * i, npm, {.host = "registry.npmjs.org"});
    const int hook = host.run(t + 12, npm, shell_command("node-gyp rebuild", "socket"));
    host.run(t + 13, hook,
             packaged("/usr/bin/node", "nodejs",
                      {"node", "/tmp/runner/job/node_modules/esbuild/install.js"}));
    const int pip =
        host.run(t + 20, bash,
                 packaged("/usr/bin/python3.11", "python3.11-minimal",
                          {"python3", "/usr/bin/pip", "install", "-r", "requirements.txt"}));
    for (int i = 0; i < 8; ++i) host.connect(t + 21 + 0.5 * i, pip, {.host = "pypi.org"});
    host.run(
        t + 40, bash,
        {.path = "/tmp/runner/job/build/tests", .package = "", .version = std::to_string(job)});
    tools(host, bash, t + 45, kLooking);
    host.exit(t + 80, worker);
  }
}

void developer(Host& host) {
  auto& random = host.random();
  for (double day = 0; day < host.days(); ++day) {
    const double at = day * kDay + random.between(8, 11) * kHour;
    const double until = at + random.between(4, 8) * kHour;
    const int shell = login(host, at, until - at);
    const Json person = {{"uid", 1000}, {"loginuid", 1000}, {"tty", "pts/0"}};
    for (double t = at + 60; t < until; t += random.exponential(600)) {
      auto curl = packaged("/usr/bin/curl", "curl", {"curl", "https://api.github.com/"});
      curl.more = person;
      const int pid = host.run(t, shell, curl);
      host.connect(t + 0.1, pid,
                   {.host = random.chance(0.5) ? "api.github.com" : "deb.debian.org"});
      host.exit(t + 1, pid);
    }
    Host::Program tool{.path = "/home/dev/src/tool/target/debug/tool",
                       .package = "",
                       .version = std::to_string(day),
                       .more = person};
    const int own = host.run(at + kHour, shell, tool);
    poll(host, own, {60, 0.3, at + kHour + 1}, {.host = "staging.corp.example"});
    tools(host, shell, at + 120, kLooking);
    auto inner = packaged("/bin/bash", "bash", {"bash"});
    inner.more = {{"uid", 1000}, {"loginuid", 1000}, {"tty", "pts/5"}, {"stdin", "pty"}};
    const int tmux = host.run(at + 200, shell, packaged("/usr/bin/tmux", "tmux"));
    host.run(at + 201, tmux, inner);
    host.exit(until, own);
  }
}

void browser(Host& host) {
  auto& random = host.random();
  const int pid = host.run(19, host.init(), packaged("/usr/lib/firefox/firefox", "firefox"));
  for (double t = 300; t < host.end(); t += random.exponential(400)) {
    const int site = random.whole(1, 60);
    double then = t;
    for (int i = random.whole(1, 12); i > 0; --i)
      host.connect(then += random.exponential(0.4), pid,
                   {.host = fmt::format("cdn{}.site{}.example", random.whole(1, 3), site)});
  }
  poll(host, pid, {300, 0.01}, {.host = "push.services.browser.example", .bytes = 300});
}

}  // namespace tocsin::test::sim
