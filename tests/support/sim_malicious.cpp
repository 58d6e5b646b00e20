// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/sha256_of.hpp"
#include "support/sim_beacon.hpp"

namespace tocsin::test::sim {
namespace {

constexpr const char* kContainer =
    "4f1c0d9a7b2e4f1c0d9a7b2e4f1c0d9a7b2e4f1c0d9a7b2e4f1c0d9a7b2e4f1c";

struct Subject {
  int pid = 0;
  double since = 0;  // first run, or the update
  std::string path, sha256;
  Json more = Json::object();  // of all that runs below it: the container
};

Host::Program unowned(std::string path, Json more = Json::object()) {
  return {.path = std::move(path), .package = "", .more = std::move(more)};
}

Subject run_unowned(Host& host, int ppid, double at, Host::Program program) {
  Subject out;
  program.version = fmt::format("{}", host.random().whole(1, 1 << 30));
  out.since = at;
  out.path = program.path;
  out.sha256 = Host::digest_of(program);
  if (program.more.contains("container")) out.more["container"] = program.more["container"];
  out.pid = host.run(at, ppid, program);
  return out;
}

// A script: the line is the interpreter's, the subject what it runs.
Subject run_script(Host& host, int ppid, double at, const std::string& script) {
  auto& random = host.random();
  Host::Program python{.path = "/usr/bin/python3.11",
                       .argv = {"python3", script},
                       .package = "python3.11-minimal",
                       .more = {{"uid", 1000}}};
  Subject out;
  out.since = at;
  out.path = script;
  if (random.chance(0.8)) {
    out.sha256 = sha256_of(fmt::format("{}{}", script, random.whole(1, 1 << 30))).hex();
    python.more["script"] = {{"path", script}, {"sha256", out.sha256}};
  }
  out.pid = host.run(at, ppid, python);
  return out;
}

int user_manager(Host& host, double at) {
  return host.run(at, host.init(),
                  {.path = "/usr/lib/systemd/systemd",
                   .argv = {"/usr/lib/systemd/systemd", "--user"},
                   .package = "systemd",
                   .sha256 = sha256_of("systemd").hex(),
                   .more = {{"uid", 1000}}});
}

Subject home_binary(Host& host, double at) {
  static constexpr std::array<const char*, 4> kPaths = {
      "/home/ana/.config/guiconfigd", "/home/ana/.local/share/.cache/kworkerd", "/root/.ssh/agentd",
      "/home/ana/Downloads/report.pdf"};
  auto& random = host.random();
  return run_unowned(host, random.chance(0.5) ? host.init() : 0, at,
                     unowned(random.one_of(kPaths), {{"uid", 1000}}));
}

Subject temp_binary(Host& host, double at) {
  static constexpr std::array<const char*, 3> kPaths = {"/tmp/.x/update", "/dev/shm/kdmtmpflush",
                                                        "/var/tmp/sysd"};
  const int web = host.run(5, host.init(), {.path = "/usr/sbin/apache2", .package = "apache2"});
  const int ppid = host.random().chance(0.4) ? web : host.init();
  return run_unowned(host, ppid, at, unowned(host.random().one_of(kPaths)));
}

Subject local_binary(Host& host, double at) {
  static constexpr std::array<const char*, 3> kPaths = {
      "/usr/local/bin/netmon", "/opt/helper/helperd", "/usr/local/sbin/sysnetd"};
  return run_unowned(host, host.init(), at, unowned(host.random().one_of(kPaths)));
}

Subject unit_script(Host& host, double at) {
  return run_script(host, user_manager(host, at - 1), at, "/home/ana/.config/sysmon/sysmon.py");
}

Subject cron_script(Host& host, double at) {
  const int cron = host.run(3, host.init(), {.path = "/usr/sbin/cron", .package = "cron"});
  const int shell = host.run(at - 0.1, cron,
                             {.path = "/bin/sh",
                              .argv = {"sh", "-c", "/var/tmp/.s/run.py"},
                              .package = "dash",
                              .more = {{"stdin", "pipe"}}});
  return run_script(host, shell, at, "/var/tmp/.s/run.py");
}

Subject install_hook(Host& host, double at) {
  const int npm = host.run(at - 3, 0,
                           {.path = "/usr/bin/node",
                            .argv = {"node", "/usr/lib/node_modules/npm/bin/npm-cli.js", "install"},
                            .package = "nodejs"});
  const int shell = host.run(at - 2, npm,
                             {.path = "/bin/sh",
                              .argv = {"sh", "-c", "node setup.js"},
                              .package = "dash",
                              .more = {{"stdin", "socket"}}});
  if (host.random().chance(0.5)) return run_script(host, shell, at, "/tmp/ld.py");
  return run_unowned(host, shell, at, unowned("/tmp/com.service"));
}

Subject in_memory(Host& host, double at) {
  return run_unowned(host, host.init(), at,
                     unowned(host.random().chance(0.5) ? "/memfd:x (deleted)" : "memfd:",
                             {{"flags", {"memfd", "deleted"}}}));
}

Subject in_container(Host& host, double at) {
  const Json inside = {{"container", kContainer}, {"image_layer", true}};
  const int shim = host.run(
      20, host.init(), {.path = "/usr/bin/containerd-shim-runc-v2", .package = "containerd.io"});
  const int app = host.run(21, shim, {.path = "/app/server", .more = inside});
  static constexpr std::array<const char*, 3> kPaths = {"/tmp/x", "/usr/bin/dbused",
                                                        "/app/.cache/j"};
  Json written = {{"container", kContainer}, {"image_layer", false}};
  auto program = unowned(host.random().one_of(kPaths), std::move(written));
  return run_unowned(host, app, at, std::move(program));
}

Subject by_login(Host& host, double at) {
  const int sshd =
      host.run(2, host.init(), {.path = "/usr/sbin/sshd", .package = "openssh-server"});
  const int session =
      host.run(at - 60, sshd, {.path = "/usr/sbin/sshd", .package = "openssh-server"});
  const int shell =
      host.run(at - 59, session,
               {.path = "/bin/bash",
                .argv = {"-bash"},
                .package = "bash",
                .more = {{"uid", 1000}, {"loginuid", 1000}, {"tty", "pts/1"}, {"stdin", "pty"}}});
  auto out = run_unowned(host, shell, at,
                         unowned("/tmp/.font-unix/w", {{"uid", 1000}, {"loginuid", 1000}}));
  host.exit(at + 600, shell);
  host.exit(at + 601, session);
  return out;
}

// A package's own program: known for weeks, updated, silent, then calling where it never called.
Subject vendor_update(Host& host, double at) {
  auto& random = host.random();
  struct Vendor {
    const char *path, *package, *library;
  };
  static constexpr std::array<Vendor, 4> kVendors = {
      {{"/opt/3cx/desktop", "3cx-desktop", "/opt/3cx/libffmpeg.so"},
       {"/opt/vendor/agent/bin/agentd", "vendor-agent", "/opt/vendor/agent/lib/libcore.so"},
       {"/usr/lib/meeting/meeting", "meeting-client", "/usr/lib/meeting/libffmpeg.so"},
       {"/usr/bin/backup-client", "backup-client", "/usr/lib/x86_64-linux-gnu/libbackup.so.1"}}};
  const auto vendor = random.one_of(kVendors);
  const std::string home = fmt::format("update.{}.example", vendor.package);
  Host::Program program{.path = vendor.path, .package = vendor.package, .version = "1"};
  const int old = host.run(40, host.init(), program);
  host.module(41, old, vendor.library,
              {{"sha256", sha256_of("old library").hex()},
               {"package", vendor.package},
               {"package_intact", true}});
  const double period = random.one_of(std::array{600.0, 3'600.0, 21'600.0});
  for (double t = 100; t < at; t += period * random.between(0.9, 1.1))
    host.connect(t, old, {.host = home});
  host.exit(at - 1, old);
  program.version = fmt::format("2-{}", random.whole(1, 1 << 30));
  Subject out;
  out.since = at;
  out.path = vendor.path;
  out.sha256 = Host::digest_of(program);
  out.pid = host.run(at, host.init(), program);
  Json library = {{"sha256", sha256_of("turned library").hex()}};
  if (random.chance(0.6))
    library["package"] = vendor.package, library["package_intact"] = random.chance(0.7);
  else
    library["package"] = "";
  host.module(at + 1, out.pid, vendor.library, std::move(library));
  for (double t = at + 60; t < host.end(); t += period * random.between(0.9, 1.1))
    host.connect(t, out.pid, {.host = home});
  return out;
}

struct Kind {
  std::string_view name;
  Subject (*run)(Host&, double at);
};
constexpr std::array<Kind, 10> kKinds = {{{"home-binary", home_binary},
                                          {"temp-binary", temp_binary},
                                          {"local-binary", local_binary},
                                          {"unit-script", unit_script},
                                          {"cron-script", cron_script},
                                          {"install-hook", install_hook},
                                          {"memory", in_memory},
                                          {"container", in_container},
                                          {"login-binary", by_login},
                                          {kVendorKind, vendor_update}}};

std::string look_alike(Random& random) {
  static constexpr std::array<const char*, 6> kNames = {"msupdatestorage",  "azurecdnbox",
                                                        "packagecloudinfo", "ghcrmirror",
                                                        "pypistats",        "sysmetrics"};
  static constexpr std::array<const char*, 4> kEnds = {"com", "net", "cloud", "io"};
  return fmt::format("{}{}.{}", random.one_of(kNames), random.whole(1, 99), random.one_of(kEnds));
}

void call(Host& host, const Subject& subject, const Plan& plan, const CheckIn& check_in) {
  auto& random = host.random();
  const int n = random.whole(0, plan.destinations - 1);
  const auto truth_name = host.truths().back().destination;
  const auto name = n == 0 ? truth_name : fmt::format("n{}.{}", n, truth_name);
  Host::Call call{.host = name, .result = check_in.failed ? "timeout" : "ok"};
  call.bytes = check_in.failed ? 0 : random.between(400, 700);
  call.addr = Host::address_of(name, random.whole(0, plan.addresses - 1));
  if (plan.channel == Channel::kDns)
    return host.question(check_in.at, subject.pid,
                         fmt::format("{:x}.{}", random.whole(1, 1 << 30), name), "TXT");
  if (plan.channel == Channel::kAddress) call.host.clear();
  if (plan.channel == Channel::kLong) call.duration = random.between(4.5, 9) * kHour;
  host.connect(check_in.at, subject.pid, call);
}

void operate(Host& host, const Subject& subject, const Plan& plan, double at) {
  auto& random = host.random();
  int above = subject.pid;
  Json stdio = subject.more;
  stdio["stdin"] = plan.stdio;
  const bool pty = plan.stdio == "pty";
  if (pty && random.chance(0.7)) stdio["tty"] = "pts/7";
  if (pty && random.chance(0.4))
    above = host.run(at - 0.2, above,
                     {.path = "/usr/bin/python3.11",
                      .argv = {"python3", "-c", "import pty; pty.spawn('/bin/bash')"},
                      .package = "python3.11-minimal",
                      .more = subject.more});
  static const std::vector<std::vector<std::string>> kShells = {
      {"/bin/sh", "-i"}, {"bash"}, {"/bin/bash", "-i"}, {"sh"}, {"/bin/bash", "--norc"}};
  const auto argv = random.one_of(kShells);
  const bool bash = argv[0].ends_with("bash");
  const int shell = host.run(at, above,
                             {.path = bash ? "/usr/bin/bash" : "/bin/sh",
                              .argv = argv,
                              .package = bash ? "bash" : "dash",
                              .more = stdio});
  static constexpr std::array<const char*, 5> kRecon = {"whoami", "id", "uname", "hostname", "ps"};
  for (std::size_t i = 0; plan.recon && i < 4; ++i)
    host.run(at + 3 + 4 * static_cast<double>(i), shell,
             {.path = fmt::format("/usr/bin/{}", kRecon[i]),
              .package = "coreutils",
              .more = subject.more});
  if (plan.dropped) run_unowned(host, shell, at + 40, unowned("/tmp/.x/stage2", subject.more));
}

}  // namespace

std::vector<std::string_view> malicious_kinds() {
  std::vector<std::string_view> out;
  for (const auto& kind : kKinds) out.push_back(kind.name);
  return out;
}

void add_malicious(Host& host, const Plan& plan) {
  auto& random = host.random();
  const auto* const kind = std::ranges::find(kKinds, plan.kind, &Kind::name);
  if (kind == kKinds.end()) return;
  const bool vendor = plan.kind == kVendorKind;
  const double at = vendor ? random.between(15, 20) * kDay : random.between(0.3, 1.5) * kDay;
  Truth truth{.host = host.name(), .kind = plan.kind, .malicious = true, .vendor = vendor};
  truth.destination = look_alike(random);
  static constexpr std::array<const char*, 3> kShared = {"raw.githubusercontent.com",
                                                         "api.telegram.org", "pastebin.com"};
  if (plan.channel == Channel::kSharedHost) truth.destination = random.one_of(kShared);
  truth.timing = words(plan.beat);
  host.truths().push_back(truth);
  const auto subject = kind->run(host, at);
  const double dormant = vendor ? std::max(plan.dormant_s, 2 * kDay) : plan.dormant_s;
  int check_in = 0;
  for (const auto& c : check_ins(plan.beat, random, subject.since + dormant, plan.count)) {
    call(host, subject, plan, c);
    if (!c.first || ++check_in != plan.shell_after || !plan.shell) continue;
    const double shell_at = c.at + random.between(0.1, 60);
    if (shell_at + 60 < host.end()) {
      operate(host, subject, plan, shell_at);
      host.truths().back().shell = true;
      host.truths().back().shell_at = shell_at;
    }
  }
  host.truths().back().path = subject.path;
  host.truths().back().sha256 = subject.sha256;
}

}  // namespace tocsin::test::sim
