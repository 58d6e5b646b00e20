// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// A host's benign life under the running kernel, in compressed time and all at once: nothing of it
// is to raise anything.
#include <algorithm>
#include <map>
#include <thread>

#include "support/debian_package.hpp"
#include "support/kernel.hpp"
#include "support/net_lab.hpp"

using namespace tocsin::test;
using nlohmann::json;

namespace {

constexpr const char* kNtp = "ntp.everyday.example";
constexpr const char* kRepository = "packages.everyday.example";
constexpr const char* kVendor = "intake.vendor.example";
constexpr const char* kByHand = "metrics.site.example";
constexpr const char* kConfig = "config.site.example";
constexpr const char* kEditor = "update.editor.example";
constexpr const char* kRunner = "jobs.ci.example";

// The real client and server, unpacked by ./check: installed they would set this machine's clock.
const std::string kChrony =
    std::string(TOCSIN_SOURCE_DIR) + "/build/test-programs/chrony/usr/sbin/chronyd";

// Every hour is three seconds.
constexpr const char* kScale = "beacon.time_scale=1200";
constexpr int kRunS = 20;

// Files of a test, of their own names, gone with it.
class HostFiles {
 public:
  ~HostFiles() {
    std::error_code ignored;
    for (const auto& path : made_) std::filesystem::remove_all(path, ignored);
  }
  std::string program(const std::string& path, const std::string& content) {
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    write_file(path, content);
    std::filesystem::permissions(path, static_cast<std::filesystem::perms>(0755));
    made_.push_back(path);
    return path;
  }
  void own(const std::string& folder) { made_.push_back(folder); }

 private:
  std::vector<std::string> made_;
};

// curl under another identity: an agent that makes one call and ends.
std::string agent(const std::string& tail) {
  return read_text(std::filesystem::canonical("/usr/bin/curl")) + tail;
}

std::string every(const std::string& seconds, const std::string& command) {
  return "while :; do " + command + "; sleep " + seconds + "; done";
}

std::string call(const std::string& program, const char* name) {
  return program + " -sk -o /dev/null https://" + name + "/";
}

// Connects, then does what a configuration manager does: asks the host about itself through sh.
constexpr const char* kManager = R"perl(#!/usr/bin/perl
use strict; use IO::Socket::INET; use Time::HiRes qw(sleep);
for (1 .. 40) {
  my $s = IO::Socket::INET->new(PeerAddr => $ARGV[0], PeerPort => 443, Timeout => 2);
  close $s if $s;
  system("sh", "-c", "id; uname -a; hostname; ip addr") for 1 .. 2;
  sleep 1;
}
)perl";

// An editor's helper: calls home and opens terminals for the person who is logged in.
constexpr const char* kServer = R"perl(
use strict; use IO::Socket::INET; use Time::HiRes qw(sleep);
for my $i (1 .. 60) {
  my $s = IO::Socket::INET->new(PeerAddr => $ARGV[0], PeerPort => 443, Timeout => 2);
  close $s if $s;
  system("script", "-q", "-c", "bash -i -c 'ls; git status; uname'", "/dev/null") if $i % 8 == 0;
  sleep 0.5;
}
)perl";

// A runner: asks for work, and does what it gets from files in a temporary folder.
constexpr const char* kJobs = R"perl(#!/usr/bin/perl
use strict; use IO::Socket::INET; use Time::HiRes qw(sleep);
for my $i (1 .. 80) {
  my $s = IO::Socket::INET->new(PeerAddr => $ARGV[0], PeerPort => 443, Timeout => 2);
  close $s if $s;
  if ($i % 8 == 0) {
    my $step = "$ARGV[1]/step-$i.sh";
    open(my $f, '>', $step) or die; print $f "#!/bin/sh\n# $i\nls /; env; true\n"; close $f;
    chmod 0755, $step; system { "sh" } "sh", "-c", $step;
  }
  sleep 0.4;
}
)perl";

std::vector<std::string> time_daemon(const std::string& program, const TempDir& dir,
                                     const std::string& role) {
  const auto name = role.substr(0, role.find(' '));
  return {program,
          "-x",  // hands off this machine's clock
          "-d",
          "-u",
          "root",
          "-f",
          "/dev/null",
          role,
          name == "allow" ? "local stratum 1" : "port 0",
          "cmdport 0",
          "pidfile " + dir.file(name + ".pid"),
          "bindcmdaddress " + dir.file(name + ".sock")};
}

std::map<std::string, json> rows(Daemon& daemon) {
  const auto listed = daemon.cli({"beacons", "--min", "0", "--json"});
  std::map<std::string, json> out;
  std::istringstream in(listed.out);
  for (std::string line; std::getline(in, line);) {
    const auto row = json::parse(line);
    out.emplace(row.at("destination").get<std::string>(), row);
  }
  return out;
}

// Everything was seen, and none of it said.
void check_silence(Daemon& daemon, const std::vector<std::string>& names) {
  const auto found = rows(daemon);
  INFO(told(daemon));
  for (const auto& name : names) {
    INFO(name);
    REQUIRE(found.contains(name));
    INFO(found.at(name).dump());
    CHECK(found.at(name).at("contacts").get<int>() >= 5);
    CHECK(found.at(name).at("verdict") == "none");
  }
  const auto& all = daemon.alerts();
  CHECK(std::none_of(all.begin(), all.end(), [](const json& alert) {
    return at(alert, "event.code") == "beacon" || at(alert, "event.code") == "incident";
  }));
  CHECK(found.at(kByHand).at("score").get<double>() > 0.5);
  // A script is its package's, not its interpreter's.
  CHECK(found.at(kConfig).at("subject").at("path") == "/usr/share/tocsin-test-confd/confd");
  CHECK(found.at(kConfig).at("evidence").at("image") == -2.5);
}

}  // namespace

TEST_CASE("a host's benign timers, agents, editors and runners stay silent", "[everyday]") {
  TOCSIN_NEEDS_KERNEL();
  auto why = NetLab::lacks();
  if (why.empty()) why = DebianPackage::lacks();
  if (!why.empty()) return print_skipped(Catch::getResultCapture().getCurrentTestName(), why);
  std::vector<std::string> names = {kRepository, kVendor, kByHand, kConfig, kEditor, kRunner};
  const bool with_time = std::filesystem::exists(kChrony);
  if (with_time) names.push_back(kNtp);
  if (!with_time) print_skipped("the time client of everyday life", "chrony was not unpacked");
  NetLab::Names addresses;
  for (const auto& name : names)
    addresses.emplace_back(name, "203.0.113." + std::to_string(91 + addresses.size()));
  NetLab net(addresses);
  net.start_dns();
  net.resolve_by(NetLab::kDns);
  net.start_tls();

  DebianPackage vendor("tocsin-test-agent"), manager("tocsin-test-confd"), ntp("tocsin-test-ntp");
  const std::string chronyd = "/usr/lib/tocsin-test-ntp/chronyd";
  HostFiles files;
  // The runner comes with its vendor's package, as some do. One installed by hand is a notice on
  // its first day: docs/beacons.md, Limits.
  const std::string runner = "/opt/tocsin-test-agent/runner";
  vendor.install("1", {{"/opt/tocsin-test-agent/agent", agent("vendor")}, {runner, kJobs}});
  manager.install("1", {{"/usr/share/tocsin-test-confd/confd", kManager}});
  if (with_time) ntp.install("1", {{chronyd, read_text(kChrony)}});
  Daemon daemon({.settings = {kScale, "capture.costly_hooks=true"}});
  require_ready(daemon);
  for (int i = 0; i < 600 && daemon.status().at("packages").at("read") == false; ++i)
    std::this_thread::sleep_for(Millis(50));

  const auto by_hand = files.program("/usr/local/bin/tocsin-test-agent", agent("by hand"));
  files.own("/root/.tocsin-test-editor");
  const auto node = files.program("/root/.tocsin-test-editor/bin/node",
                                  read_text(std::filesystem::canonical("/usr/bin/perl")));
  const auto server = files.program("/root/.tocsin-test-editor/bin/server.js", kServer);
  const TempDir jobs;
  std::vector<std::unique_ptr<Child>> life;
  if (with_time) {
    life.push_back(net.start(time_daemon(kChrony, jobs, "allow")));
    life.push_back(net.start(
        time_daemon(chronyd, jobs, std::string("server ") + kNtp + " minpoll -1 maxpoll -1")));
  }
  for (const auto& loop : {every("3", call("/usr/bin/curl", kRepository)),
                           every("0.5", call("/opt/tocsin-test-agent/agent", kVendor)),
                           every("0.25", call(by_hand, kByHand)),
                           std::string("/usr/share/tocsin-test-confd/confd ") + kConfig,
                           runner + " " + kRunner + " " + jobs.path().string()})
    life.push_back(net.start({"sh", "-c", loop}));
  // A real login on a terminal, and what the person starts there goes on without one.
  life.push_back(net.start(
      {"sh", "-c",
       "(echo 'setsid " + node + " " + server + " " + kEditor +
           " </dev/null >/dev/null 2>&1 &'; sleep 60) | script -q -c 'login -f root' /dev/null"}));
  std::this_thread::sleep_for(std::chrono::seconds(kRunS));

  check_silence(daemon, names);
  CHECK(daemon.stop() == 0);
}
