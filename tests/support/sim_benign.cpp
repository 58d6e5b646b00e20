// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// What honest hosts do that looks like it, by themselves.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/sha256_of.hpp"
#include "support/sim_honest.hpp"

namespace tocsin::test::sim {
namespace {

void packaged_agent(Host& host) {
  auto& random = host.random();
  static constexpr std::array<double, 4> kPeriods = {10, 15, 60, 300};
  const int pid =
      host.run(8, host.init(), packaged("/opt/datadog-agent/bin/agent", "datadog-agent"));
  poll(host, pid, {random.one_of(kPeriods)},
       {.host = "intake.vendor-metrics.example", .bytes = 2'000});
  for (double t = 400; t < host.end(); t += 6 * kHour) {
    const int sh = host.run(t, pid, shell_command("/opt/datadog-agent/checks/disk.sh", "pipe"));
    tools(host, sh, t, kLooking);
  }
}

// Copied there by a person, months ago or in the middle of the recording, with its own unit.
void hand_installed(Host& host) {
  auto& random = host.random();
  static constexpr std::array<double, 3> kPeriods = {10, 15, 60};
  static constexpr std::array<const char*, 4> kPaths = {
      "/opt/monitor/agent", "/usr/local/bin/metrics-push", "/opt/edge/edge-agent",
      "/usr/local/sbin/nodeagent"};
  const double at = random.chance(0.5) ? 9 : random.between(0.2, 1.5) * kDay;
  const Host::Program agent{.path = random.one_of(kPaths), .package = ""};
  const int pid = host.run(at, host.init(), agent);
  const std::string home = random.chance(0.85) ? "push.metrics.example" : "";
  poll(host, pid, {random.one_of(kPeriods), 0, at + 5},
       {.host = home, .addr = home.empty() ? "203.0.113.77" : "", .bytes = 900});
  if (random.chance(0.5))
    for (double t = at + 300; t < host.end(); t += 10 * kMinute)
      host.run(t, pid, shell_command("df -h; uptime", random.chance(0.5) ? "pipe" : "null"));
  if (random.chance(0.4))
    for (double t = at + 400; t < host.end(); t += kHour) {
      const int sh = host.run(t, pid, shell_command("/opt/monitor/checks/health.sh", "pipe"));
      tools(host, sh, t, kLooking);
    }
}

void configuration(Host& host) {
  auto& random = host.random();
  const int ruby = host.run(11, host.init(),
                            {.path = "/opt/puppetlabs/puppet/bin/ruby",
                             .argv = {"puppet", "/opt/puppetlabs/puppet/bin/puppet", "agent"},
                             .package = "puppet-agent"});
  for (double t = 600; t < host.end(); t += 30 * kMinute + random.between(-20, 20)) {
    host.connect(t, ruby, {.host = "puppet.corp.example", .port = 8140, .bytes = 9'000});
    Json terminal = {{"tty", "pts/3"}};
    const int sh =
        host.run(t + 2, ruby,
                 shell_command("/usr/bin/facter", random.chance(0.3) ? "pty" : "pipe", terminal));
    tools(host, sh, t + 3, kLooking);
    if (random.chance(0.2)) {
      auto script = shell_command("", "pipe");
      script.argv = {"sh", fmt::format("/tmp/puppet-{}.sh", random.whole(1, 99'999))};
      host.run(t + 20, ruby, script);
    }
  }
  const int salt = host.run(
      12, host.init(),
      {.path = "/usr/bin/salt-minion",
       .package = "salt-minion",
       .more = {
           {"script", {{"path", "/usr/bin/salt-minion"}, {"sha256", sha256_of("salt").hex()}}}}});
  poll(host, salt, {60, 0.02}, {.host = "salt.corp.example", .port = 4506});
  for (double t = 4'000; t < host.end(); t += 8 * kHour)
    host.run(t, salt, shell_command("apt-get -s upgrade", "pipe"));
}

void web_server(Host& host) {
  auto& random = host.random();
  const int apache = host.run(14, host.init(), packaged("/usr/sbin/apache2", "apache2"));
  poll(host, apache, {30}, {.host = "ocsp.ca.example", .port = 80});
  for (double t = 100; t < host.end(); t += random.exponential(20 * kMinute)) {
    auto cgi = packaged("/bin/sh", "dash", {"/bin/sh", "/usr/lib/cgi-bin/status.sh"});
    cgi.more = {{"stdin", random.chance(0.5) ? "socket" : "pipe"}};
    host.run(t, apache, cgi);
    if (random.chance(0.3))
      host.run(t + 1, apache, shell_command("convert in.png out.jpg", "pipe"));
  }
  const int php = host.run(15, host.init(), packaged("/usr/sbin/php-fpm8.2", "php8.2-fpm"));
  for (double t = 50; t < host.end(); t += random.exponential(300))
    host.connect(t, php, {.host = "api.payments.example"});
}

void backups(Host& host) {
  auto& random = host.random();
  const int cron = host.run(16, host.init(), packaged("/usr/sbin/cron", "cron"));
  for (double t = 3 * kHour; t < host.end(); t += kDay) {
    const int sh = host.run(t, cron, shell_command("/usr/local/bin/backup.sh", "pipe"));
    Host::Program script{.path = "/usr/bin/bash",
                         .argv = {"/bin/bash", "/usr/local/bin/backup.sh"},
                         .package = "bash"};
    script.more = {
        {"script", {{"path", "/usr/local/bin/backup.sh"}, {"sha256", sha256_of("backup").hex()}}}};
    const int backup = host.run(t + 1, sh, script);
    const int rclone = host.run(t + 2, backup, {.path = "/usr/local/bin/rclone", .package = ""});
    for (int i = 0; i < 300; ++i)
      host.connect(t + 3 + 4 * i + random.share(), rclone,
                   {.host = "s3.storage.example", .bytes = 1e6});
  }
  for (double t = 60; t < host.end(); t += 5 * kMinute) {
    const int sh = host.run(t, cron, shell_command("/usr/local/bin/heartbeat", "pipe"));
    const int curl =
        host.run(t + 0.2, sh,
                 packaged("/usr/bin/curl", "curl", {"curl", "-fsS", "https://hc.example/ping"}));
    host.connect(t + 0.3, curl, {.host = "hc.example"});
    host.exit(t + 1, curl);
    host.exit(t + 1.1, sh);
  }
}

// An image's agent, probes by the kubelet, and a person's terminal in the container.
void containers(Host& host) {
  auto& random = host.random();
  const int kubelet = host.run(17, host.init(), packaged("/usr/bin/kubelet", "kubelet"));
  const int containerd =
      host.run(18, host.init(), packaged("/usr/bin/containerd", "containerd.io"));
  poll(host, kubelet, {10}, {.host = "", .addr = "10.0.0.1", .port = 6443});
  poll(host, containerd, {600, 0.1}, {.host = "registry.corp.example"});
  for (int c = 0; c < 4; ++c) {
    const double at = c < 2 ? 30 : random.between(0.1, 1.5) * kDay;
    const Json inside = {{"container", sha256_of(fmt::format("{}{}", host.name(), c)).hex()},
                         {"image_layer", true}};
    const int shim =
        host.run(at, containerd, packaged("/usr/bin/containerd-shim-runc-v2", "containerd.io"));
    const int app =
        host.run(at + 1, shim,
                 {.path = "/app/service", .sha256 = sha256_of("service").hex(), .more = inside});
    poll(host, app, {30, 0, at + 9}, {.host = "otel.corp.example", .port = 4317});
    poll(host, app, {15, 0.01, at + 12}, {.host = "flags.saas.example"});
    Json probe = inside;
    for (double t = at + 60; t < host.end(); t += 5 * kMinute)
      host.run(t, shim, shell_command("pg_isready", "pipe", probe));
    Json terminal = inside;
    terminal["stdin"] = "pty";
    terminal["tty"] = "pts/0";
    for (double t = at + random.exponential(kDay); t < host.end(); t += random.exponential(kDay)) {
      const int sh = host.run(t, shim, {.path = "/bin/sh", .argv = {"sh"}, .more = terminal});
      for (const auto* name : kLooking)
        host.run(t + 3, sh, {.path = fmt::format("/bin/{}", name), .more = inside});
    }
  }
}

void middlemen(Host& host) {
  auto& random = host.random();
  const int unbound = host.run(20, host.init(), packaged("/usr/sbin/unbound", "unbound"));
  const int squid = host.run(21, host.init(), packaged("/usr/sbin/squid", "squid"));
  const int haproxy = host.run(22, host.init(), packaged("/usr/sbin/haproxy", "haproxy"));
  const int postgres =
      host.run(23, host.init(), packaged("/usr/lib/postgresql/15/bin/postgres", "postgresql-15"));
  for (double t = 40; t < host.end(); t += random.exponential(30)) {
    host.question(t, unbound, fmt::format("www.site{}.example", random.whole(1, 400)), "A");
    host.connect(t + 0.1, squid, {.host = fmt::format("www.site{}.example", random.whole(1, 400))});
  }
  poll(host, haproxy, {2}, {.host = "", .addr = "10.1.0.5", .port = 8080});
  poll(host, postgres, {10},
       {.host = "replica.corp.example", .port = 5432, .bytes = 100, .duration = 5 * kHour});
}

void log_shipper(Host& host) {
  const int vector = host.run(24, host.init(), packaged("/usr/bin/vector", "vector"));
  const int fluent =
      host.run(25, host.init(), {.path = "/opt/fluent/bin/fluent-bit", .package = ""});
  poll(host, vector, {6 * kHour, 0.01},
       {.host = "logs.saas.example", .bytes = 5e6, .duration = 5.9 * kHour});
  poll(host, fluent, {300, 0.02}, {.host = "logs.saas.example", .bytes = 5e4});
}

// Packages change under running services, which then find their vendor's new delivery network.
void updates(Host& host) {
  auto& random = host.random();
  Host::Program agent = packaged("/usr/bin/esm-agent", "esm-agent");
  agent.version = "1";
  int pid = host.run(26, host.init(), agent);
  const double at = random.between(0.4, 0.7) * host.end();
  for (double t = 60; t < at; t += kHour) host.connect(t, pid, {.host = "esm.distro.example"});
  const int apt = host.run(at - 30, host.init(),
                           packaged("/usr/bin/apt-get", "apt", {"apt-get", "upgrade", "-y"}));
  for (int i = 0; i < 40; ++i)
    host.connect(at - 29 + 0.5 * i, apt, {.host = "deb.debian.org", .port = 80});
  const int dpkg = host.run(at - 8, apt, packaged("/usr/bin/dpkg", "dpkg"));
  auto hook = packaged("/bin/sh", "dash",
                       {"/bin/sh", "/var/lib/dpkg/info/esm-agent.postinst", "configure"});
  hook.more = {{"stdin", "pty"},
               {"tty", "pts/2"},
               {"script", {{"path", hook.argv[1]}, {"sha256", sha256_of("postinst").hex()}}}};
  host.run(at - 5, dpkg, hook);
  agent.version = "2";
  pid = host.run(at, host.init(), agent);
  poll(host, pid, {15 * kMinute, 0, at + 30}, {.host = "cdn7.newdelivery.example"});
  for (double t = at + 2 * kDay; t < host.end(); t += kDay)
    host.run(t, pid, shell_command("lsb_release -a", "pipe"));
  Host::Program vendor = packaged("/opt/vendor/console/console", "vendor-console");
  vendor.version = "1";
  const int old = host.run(27, host.init(), vendor);
  poll(host, old, {5 * kMinute, 0.02}, {.host = "console.vendor.example"});
  host.exit(at + 90, old);
  vendor.version = "2";
  const int fresh = host.run(at + 100, host.init(), vendor);
  host.module(at + 101, fresh, "/opt/vendor/console/libui.so",
              {{"sha256", sha256_of("libui 2").hex()},
               {"package", "vendor-console"},
               {"package_intact", true}});
  poll(host, fresh, {5 * kMinute, 0.02, at + 200}, {.host = "edge.vendorcdn.example"});
  for (double t = at + 500; t < host.end(); t += 6 * kHour)
    host.run(t, fresh, shell_command("systemctl is-active console", "null"));
}

struct Kind {
  std::string_view name;
  void (*add)(Host&);
};
constexpr std::array<Kind, 13> kKinds = {{{"packaged-agent", packaged_agent},
                                          {"hand-installed", hand_installed},
                                          {"configuration", configuration},
                                          {"editor-server", editor_server},
                                          {"ci-runner", ci_runner},
                                          {"web-server", web_server},
                                          {"backups", backups},
                                          {"containers", containers},
                                          {"developer", developer},
                                          {"browser", browser},
                                          {"middlemen", middlemen},
                                          {"log-shipper", log_shipper},
                                          {"updates", updates}}};

}  // namespace

std::vector<std::string_view> benign_kinds() {
  std::vector<std::string_view> out;
  for (const auto& kind : kKinds) out.push_back(kind.name);
  return out;
}

void add_benign(Host& host, std::string_view name) {
  const auto* const kind = std::ranges::find(kKinds, name, &Kind::name);
  if (kind == kKinds.end()) return;
  host.truths().push_back({.host = host.name(), .kind = std::string(name)});
  kind->add(host);
}

void add_everyday(Host& host) {
  auto& random = host.random();
  const int ntp =
      host.run(2, host.init(), packaged("/usr/lib/systemd/systemd-timesyncd", "systemd-timesyncd"));
  poll(host, ntp, {2'048}, {.host = "ntp.ubuntu.com", .port = 123, .proto = "udp"});
  const int snapd = host.run(3, host.init(), packaged("/usr/lib/snapd/snapd", "snapd"));
  poll(host, snapd, {6 * kHour, 0.3}, {.host = "api.snapcraft.io"});
  for (double t = 700; t < host.end(); t += kHour) {
    const int check = host.run(t, host.init(), packaged("/usr/lib/apt/apt-helper", "apt"));
    Host::Call call{.host = "repos.droplet.example"};
    call.addr = Host::address_of(call.host, random.whole(0, 1));
    host.connect(t + 1, check, call);
    host.exit(t + 3, check);
  }
  for (double t = 5 * kHour; t < host.end(); t += random.between(12, 24) * kHour) {
    const int apt =
        host.run(t, host.init(), packaged("/usr/bin/apt-get", "apt", {"apt-get", "update"}));
    for (int i = 0; i < 5; ++i) host.connect(t + i, apt, {.host = "deb.debian.org", .port = 80});
  }
}

}  // namespace tocsin::test::sim
