// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// Isolation of one control group: never of the machine that runs the tests.
#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include "support/kernel.hpp"
#include "support/two_hosts.hpp"

using namespace tocsin::test;
using nlohmann::json;

namespace {

constexpr const char* kOutside = "198.51.100.66";  // in namespaces that the action makes
constexpr int kCutOff = EPERM;

// A control group below the root of cgroup2, removed at the end.
class Group {
 public:
  Group() : name_("tocsin-isolation-" + std::to_string(::getpid())) {
    const auto root = cgroup2_mount();
    if (root.empty()) return;
    path_ = root / name_;
    std::filesystem::create_directory(path_);
  }
  ~Group() { remove(); }
  Group(const Group&) = delete;
  Group& operator=(const Group&) = delete;
  [[nodiscard]] bool exists() const { return !path_.empty(); }
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] std::string path() const { return path_; }
  void remove() const {
    std::error_code ignored;
    for (int i = 0; i < 50 && !path_.empty() && !std::filesystem::remove(path_, ignored); ++i)
      std::this_thread::sleep_for(Millis(20));
  }
  // As a service manager does with each start of a service.
  void make_anew() const {
    remove();
    REQUIRE(std::filesystem::create_directory(path_));
  }
  void take(pid_t pid) const { std::ofstream(path_ / "cgroup.procs") << pid; }

 private:
  std::string name_;
  std::filesystem::path path_;
};

// errno of a contact from inside the group, in a network of its own.
int contact(const Group& group, const std::string& address, const std::string& way = "tcp") {
  const auto report = act("contact", {way, address, "9", "--netns", "--cgroup", group.path()});
  return report ? report->at("errno").get<int>() : -1;
}

Finished isolate(Daemon& daemon, const Group& group, std::vector<std::string> more) {
  more.insert(more.begin(), {"isolate", "--cgroup", group.name(), "--json"});
  return daemon.cli(more);
}

}  // namespace

TEST_CASE("an isolated group reaches only what is allowed, until it is released", "[isolation]") {
  TOCSIN_NEEDS_KERNEL();
  const Group group;
  if (!group.exists()) return print_skipped("isolation", "no cgroup2 is mounted");
  Daemon daemon({.settings = {"response.isolation_allow=[\"203.0.113.0/24\"]"}});
  require_ready(daemon);
  CHECK(contact(group, kOutside) == ECONNREFUSED);

  const auto begun = isolate(daemon, group, {"--for", "10m"});
  INFO(begun.out << begun.err << told(daemon));
  REQUIRE(begun.exit_code == 0);
  CHECK(json::parse(begun.out).at("state") == "on");
  for (const char* way : {"tcp", "tcp-uring", "udp", "udp-send"}) {
    INFO(way);
    CHECK(contact(group, kOutside, way) == kCutOff);
    CHECK(contact(group, "2001:db8:66::7", way) == kCutOff);
    CHECK(contact(group, std::string("::ffff:") + kOutside, way) == kCutOff);
    CHECK(contact(group, std::string("64:ff9b::") + kOutside, way) == kCutOff);
    CHECK(contact(group, "64:ff9b::203.0.113.7", way) != kCutOff);
  }
  CHECK(contact(group, "127.0.0.9") == ECONNREFUSED);    // loopback goes on
  CHECK(contact(group, "203.0.113.7") == ECONNREFUSED);  // the configured network, too
  const auto others = act("contact", {"tcp", kOutside, "9", "--netns"});
  REQUIRE(others);
  CHECK(others->at("errno") == ECONNREFUSED);  // another control group
  CHECK(at(daemon.status(), "isolation.refused").get<int>() >= 10);

  const auto wider = isolate(daemon, group, {"--for", "10m", "--allow", "198.51.100.0/24"});
  REQUIRE(wider.exit_code == 0);
  CHECK(contact(group, kOutside) == ECONNREFUSED);
  CHECK(isolate(daemon, group, {"--for", "10m"}).exit_code == 0);
  CHECK(contact(group, kOutside) == kCutOff);
  CHECK(daemon.cli({"release"}).exit_code == 0);
  CHECK(contact(group, kOutside) == ECONNREFUSED);
  CHECK(daemon.cli({"release"}).exit_code == 2);
  CHECK(daemon.wait_alert([](const json& a) {
    return at(a, "message").get<std::string>().find("is isolated until") != std::string::npos;
  }));
  CHECK(daemon.stop() == 0);
}

TEST_CASE("a group that is made anew is isolated again", "[isolation]") {
  TOCSIN_NEEDS_KERNEL();
  const Group group;
  if (!group.exists()) return print_skipped("isolation of a new group", "no cgroup2 is mounted");
  Daemon daemon({});
  require_ready(daemon);
  REQUIRE(isolate(daemon, group, {"--for", "10m"}).exit_code == 0);
  CHECK(contact(group, kOutside) == kCutOff);
  group.make_anew();
  CHECK(daemon.wait_alert([](const json& a) {
    return at(a, "message").get<std::string>().find("was made anew") != std::string::npos;
  }));
  CHECK(contact(group, kOutside) == kCutOff);
  CHECK(at(daemon.status(), "isolation.state") == "on");
  CHECK(daemon.stop() == 0);
}

TEST_CASE("nothing is isolated where the hooks refuse no contacts", "[isolation][response]") {
  TOCSIN_NEEDS_KERNEL();
  const Group group;
  if (!group.exists()) return print_skipped("isolation without hooks", "no cgroup2 is mounted");
  Daemon daemon({.settings = {"capture.disable_hooks=[\"cgroup/sendmsg4+sendmsg6\"]",
                              "response.sets=[\"test=deny\"]"}});
  require_ready(daemon);
  const auto asked = isolate(daemon, group, {"--for", "10m"});
  CHECK(asked.exit_code != 0);
  CHECK((asked.out + asked.err).find("refuse none") != std::string::npos);
  CHECK(at(daemon.status(), "isolation.state") == "off");
  CHECK(daemon.wait_alert([](const json& a) {
    return at(a, "message").get<std::string>().find("refuse no contacts") != std::string::npos;
  }));
  CHECK(daemon.stop() == 0);
}

TEST_CASE("an isolation ends by itself, with the daemon stopped in its tracks", "[isolation]") {
  TOCSIN_NEEDS_KERNEL();
  const Group group;
  if (!group.exists()) return print_skipped("isolation's end", "no cgroup2 is mounted");
  Daemon daemon({});
  require_ready(daemon);
  REQUIRE(isolate(daemon, group, {"--for", "3s"}).exit_code == 0);
  daemon.child().signal(SIGSTOP);
  CHECK(contact(group, kOutside) == kCutOff);
  int last = kCutOff;
  for (int i = 0; i < 100 && last == kCutOff; ++i) {
    std::this_thread::sleep_for(Millis(100));
    last = contact(group, kOutside);
  }
  CHECK(last == ECONNREFUSED);
  daemon.child().signal(SIGCONT);
  CHECK(daemon.wait_alert([](const json& a) {
    return at(a, "message").get<std::string>().find("its time is over") != std::string::npos;
  }));
  CHECK(daemon.stop() == 0);
}

TEST_CASE("the daemon's death leaves the host open", "[isolation]") {
  TOCSIN_NEEDS_KERNEL();
  const Group group;
  if (!group.exists()) return print_skipped("isolation and death", "no cgroup2 is mounted");
  const TempDir state;
  const DaemonOptions options{.settings = {"state_dir=" + state.path().string()}};
  Daemon daemon(options);
  require_ready(daemon);
  REQUIRE(isolate(daemon, group, {"--for", "10m"}).exit_code == 0);
  CHECK(contact(group, kOutside) == kCutOff);
  daemon.child().signal(SIGKILL);
  daemon.child().wait(Millis(10'000));
  int last = kCutOff;
  for (int i = 0; i < 50 && last == kCutOff; ++i) {  // the kernel detaches in its own time
    std::this_thread::sleep_for(Millis(20));
    last = contact(group, kOutside);
  }
  CHECK(last == ECONNREFUSED);
  Daemon next(options);
  require_ready(next);
  CHECK(next.wait_alert([](const json& a) {
    return at(a, "message").get<std::string>().find("OPEN since then") != std::string::npos;
  }));
  CHECK(next.stop() == 0);
}

TEST_CASE("an isolation outlives a restart only when it was asked to", "[isolation]") {
  TOCSIN_NEEDS_KERNEL();
  const Group group;
  if (!group.exists()) return print_skipped("isolation and restart", "no cgroup2 is mounted");
  const bool keep = GENERATE(true, false);
  const TempDir state;
  const DaemonOptions options{.settings = {"state_dir=" + state.path().string()}};
  {
    Daemon daemon(options);
    require_ready(daemon);
    auto done = keep ? isolate(daemon, group, {"--for", "10m", "--keep"})
                     : isolate(daemon, group, {"--for", "10m"});
    REQUIRE(done.exit_code == 0);
    CHECK(daemon.stop() == 0);
    CHECK(daemon.log().find("OPEN again") == std::string::npos);  // an alert, not a log line
  }
  CHECK(contact(group, kOutside) == ECONNREFUSED);
  Daemon daemon(options);
  require_ready(daemon);
  CHECK(contact(group, kOutside) == (keep ? kCutOff : ECONNREFUSED));
  CHECK(at(daemon.status(), "isolation.state") == (keep ? "on" : "off"));
  if (keep) CHECK(daemon.cli({"release"}).exit_code == 0);
  CHECK(daemon.stop() == 0);
}

TEST_CASE("a connection that was there before stops, too", "[isolation]") {
  TOCSIN_NEEDS_KERNEL();
  const Group group;
  if (!group.exists()) return print_skipped("old connections", "no cgroup2 is mounted");
  if (const auto why = TwoHosts::refusal(); !why.empty())
    return print_skipped("old connections", why);
  Daemon daemon({});
  require_ready(daemon);
  const TwoHosts hosts;
  // A client that sends a line every 50 ms over one connection; the server writes them down.
  const auto got = hosts.folder().file("got");
  const auto server = hosts.start_on_server(
      {"python3", "-c",
       "import socket\ns=socket.create_server(('198.51.100.2',7000))\nc=s.accept()[0]\n"
       "f=open('" +
           got + "','wb',0)\nwhile True:\n d=c.recv(64)\n if not d: break\n f.write(d)"});
  hosts.wait_port(true, "tcp", 7000);
  const auto client = hosts.start_on_client(
      {"python3", "-c",
       "import socket,time\ns=socket.create_connection(('198.51.100.2',7000))\n"
       "while True:\n  s.send(b'x')\n  time.sleep(0.05)"});
  group.take(client->pid());
  const auto size = [&] {
    std::error_code ignored;
    const auto bytes = std::filesystem::file_size(got, ignored);
    return ignored ? 0 : bytes;
  };
  const auto grows = [&](int looks = 1000) {
    const auto before = size();
    for (int i = 0; i < looks; ++i) {
      std::this_thread::sleep_for(Millis(20));
      if (size() > before) return true;
    }
    return false;
  };
  REQUIRE(grows());
  REQUIRE(isolate(daemon, group, {"--for", "10m"}).exit_code == 0);
  std::this_thread::sleep_for(Millis(300));  // what was under way has arrived
  CHECK_FALSE(grows(100));
  CHECK(daemon.cli({"release"}).exit_code == 0);
  CHECK(grows());
  client->signal(SIGKILL);
  client->wait(Millis(5'000));
  CHECK(daemon.stop() == 0);
}
