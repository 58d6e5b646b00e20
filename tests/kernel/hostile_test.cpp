// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// Input and neighbours that mean harm, or that are merely broken.
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <fstream>
#include <random>
#include <thread>

#include "support/kernel.hpp"

using namespace tocsin::test;
using nlohmann::json;

namespace {

bool alerted(Daemon& daemon, const Payload& payload, Millis limit = Millis(15'000)) {
  const auto report = act("exec_as", {"0", "0", payload.path, "200"});
  REQUIRE(report);
  return daemon.wait_alert(exec_alert(*report, payload.sha256), limit).has_value();
}

tocsin::Fd connect_to(const std::string& path) {
  tocsin::Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  REQUIRE(path.size() < sizeof address.sun_path);
  path.copy(address.sun_path, path.size());
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  if (::connect(fd.get(), generic, sizeof address) != 0) fd.reset();
  return fd;
}

void send_garbage(const tocsin::Fd& fd, std::size_t bytes, std::mt19937& random) {
  std::string block(bytes, '\0');
  for (char& c : block) c = static_cast<char>(random());
  // Refused or cut off is the daemon's right.
  static_cast<void>(::send(fd.get(), block.data(), block.size(), MSG_NOSIGNAL));
}

}  // namespace

TEST_CASE("a second daemon refuses to start and says why", "[hostile]") {
  TOCSIN_NEEDS_KERNEL();
  Daemon first({.indicators = indicator_file({})});
  require_ready(first);
  Daemon second({.indicators = indicator_file({})});
  const auto code = second.child().wait(Millis(30'000));
  INFO(second.log());
  REQUIRE(code);
  CHECK(*code > 0);
  CHECK(*code < 128);
  CHECK(second.log().find("another tocsind is running") != std::string::npos);
  CHECK(first.child().running());
  CHECK(first.stop() == 0);
}

TEST_CASE("no other user's lock keeps the daemon from starting", "[hostile]") {
  TOCSIN_NEEDS_KERNEL();
  const auto mount = cgroup2_mount().string();
  if (mount.empty()) return print_skipped("another user's lock", "cgroup2 is not mounted");
  const std::string wait = "sh -c 'echo held; exec sleep 60'";
  const std::string what = GENERATE("all rights in a user namespace of its own", "shared",
                                    "left by a process that is gone");
  INFO(what);
  std::string command = "exec flock -F -s " + mount + " " + wait;
  if (what.starts_with("all")) command = "exec unshare -Ur flock -F -x " + mount + " " + wait;
  if (what.starts_with("left")) command = "exec 9<" + mount + " && flock -x 9 && exec " + wait;
  Child holder({.argv = {"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "sh", "-c",
                         command}});
  for (int i = 0; i < 500 && holder.running() && holder.out().empty(); ++i)
    std::this_thread::sleep_for(Millis(10));
  if (holder.out() != "held\n") return print_skipped("a lock: " + what, holder.err());
  Daemon daemon({.indicators = indicator_file({})});
  require_ready(daemon);
  INFO(daemon.log());
  CHECK(daemon.log().find("going on without the lock") != std::string::npos);
  if (!what.starts_with("left"))
    CHECK(daemon.log().find("(sleep) holds tocsin's lock") != std::string::npos);
  CHECK(daemon.cli({"doctor"}).out.find("tocsind answers") != std::string::npos);
  CHECK(daemon.stop() == 0);
  // Nor is it taken for a monitor by those that only look.
  CHECK(daemon.cli({"doctor"}).out.find("another tocsind") == std::string::npos);
  holder.signal(SIGKILL);
}

TEST_CASE("SIGHUP reads the indicators again", "[hostile]") {
  TOCSIN_NEEDS_KERNEL();
  TempDir dir;
  const Payload payload = make_payload(dir / "payload");
  Daemon daemon({.indicators = indicator_file({})});
  require_ready(daemon);
  CHECK_FALSE(alerted(daemon, payload, Millis(300)));
  write_file(daemon.indicator_path(), indicator_file({payload.indicator()}));
  daemon.child().signal(SIGHUP);
  bool seen = false;
  for (int i = 0; i < 20 && !seen; ++i) seen = alerted(daemon, payload, Millis(300));
  INFO(told(daemon));
  CHECK(seen);
  // A file that cannot be read leaves the old set in force.
  write_file(daemon.indicator_path(), std::string(1000, '\xff'));
  daemon.child().signal(SIGHUP);
  CHECK(alerted(daemon, payload));
  CHECK(daemon.stop() == 0);
}

TEST_CASE("control clients that send garbage or never read hinder nobody", "[hostile]") {
  TOCSIN_NEEDS_KERNEL();
  TempDir dir;
  const Payload payload = make_payload(dir / "payload");
  Daemon daemon({.indicators = indicator_file({payload.indicator()})});
  require_ready(daemon);
  [[maybe_unused]] const auto before = memory_kib(daemon.child().pid(), "VmRSS");
  std::mt19937 random(20230329);
  std::vector<tocsin::Fd> open;
  for (int round = 0; round < 200; ++round) {
    tocsin::Fd fd = connect_to(daemon.socket());
    if (!fd) continue;
    send_garbage(fd, random() % 200'000, random);
    if (round % 8 == 0) open.push_back(std::move(fd));  // stays, silent and never reading
  }
  // Asks for the event stream and never reads it, while events flow.
  tocsin::Fd deaf = connect_to(daemon.socket());
  if (deaf) send_garbage(deaf, 1, random);
  for (int i = 0; i < 300; ++i) run_program({action_path("storm_victim")});
  INFO(told(daemon));
  CHECK(alerted(daemon, payload));
#ifndef __SANITIZE_ADDRESS__  // it keeps what is freed
  CHECK(memory_kib(daemon.child().pid(), "VmRSS") < before + 32 * 1024);
#endif
  open.clear();
  CHECK_NOTHROW(daemon.status());
  CHECK(daemon.stop() == 0);
}

TEST_CASE("an indicator line of 100 MB is refused and the rest loads", "[hostile]") {
  TOCSIN_NEEDS_KERNEL();
  TempDir dir;
  const Payload payload = make_payload(dir / "payload");
  const std::string big(100 * 1000 * 1000, 'a');
  // What a daemon needs at its start without the line: more under a sanitizer than without one.
  std::uint64_t usual = 0;
  {
    Daemon daemon({.indicators = indicator_file({payload.indicator()})});
    require_ready(daemon);
    CHECK(alerted(daemon, payload));
    usual = memory_kib(daemon.child().pid(), "VmHWM");
    CHECK(daemon.stop() == 0);
  }
  Daemon daemon({.indicators = indicator_file({"sha256," + big, payload.indicator()})});
  require_ready(daemon);
  INFO(told(daemon));
  CHECK(daemon.log().find("test.ioc:" + std::to_string(kFirstIndicatorLine)) != std::string::npos);
  CHECK(daemon.log().size() < 100'000);
  CHECK(alerted(daemon, payload));
  CHECK(memory_kib(daemon.child().pid(), "VmHWM") < usual + 24 * 1024);
  CHECK(daemon.stop() == 0);
}

TEST_CASE("a broken configuration ends the start with its place", "[hostile]") {
  TOCSIN_NEEDS_KERNEL();
  Daemon daemon({.indicators = indicator_file({}), .config = "[sinks]\nstdout = = \"human\"\n"});
  CHECK_FALSE(daemon.wait_ready());
  const auto code = daemon.child().wait(Millis(20'000));
  INFO(daemon.log());
  CHECK(code == 2);
  CHECK(daemon.log().find("tocsin.toml:2:") != std::string::npos);
}
