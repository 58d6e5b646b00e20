// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// The beacon engine as a live kernel feeds it: connections have cookies, and every end is told.
#include "daemon/beacon_watch.hpp"

#include <netinet/in.h>

#include "base/sha256_of.hpp"
#include "support/test.hpp"

using namespace tocsin;

namespace {

constexpr WallNs kStart = 1'800'000'000 * kNsPerSecond;
constexpr WallNs kHour = 3'600 * kNsPerSecond;

struct Host {
  VirtualClock clock;
  CgroupTable cgroups{std::string()};
  LossLedger losses;
  AlertIdSource ids;
  std::vector<Alert> told;
  std::optional<BeaconWatch> watch;
  std::uint32_t pids = 100;

  explicit Host(const std::vector<std::string>& allow = {}) {
    clock.advance_to(kStart);
    auto suffixes = PublicSuffixes::load();
    REQUIRE(suffixes);
    watch.emplace(
        BeaconWatch::Parts{.clock = clock,
                           .cgroups = cgroups,
                           .losses = losses,
                           .ids = ids,
                           .suffixes = std::move(*suffixes),
                           .on_alert = [this](Alert alert) { told.push_back(std::move(alert)); },
                           .allowed = AllowList(allow)});
    watch->tick();
  }
  Subject run(const std::string& path, const std::shared_ptr<Process>& parent = nullptr) {
    Subject out{std::make_shared<Process>(), std::make_shared<Image>()};
    out.process->id = {++pids, 1'000ULL * pids};
    out.process->parent = parent;
    out.process->image = out.image;
    auto& exec = out.image->exec;
    exec.head = {clock.wall_ns(), out.process->id, 0};
    exec.path = path;
    out.image->hash.digests.emplace().sha256 = sha256_of(path);
    return out;
  }
  void connect(const Subject& subject, std::uint64_t cookie) {
    ConnectEvent event;
    event.head = {clock.wall_ns(), subject.process->id, 0};
    event.cookie = cookie;
    event.protocol = IPPROTO_TCP;
    event.remote = {*IpAddress::parse("203.0.113.9"), 443};
    event.host = "c2.example";
    watch->on_contact(event, subject, {});
  }
  void close(const Subject& subject, std::uint64_t cookie, std::uint64_t bytes) {
    CloseEvent event;
    event.head = {clock.wall_ns(), subject.process->id, 0};
    event.cookie = cookie;
    event.remote = {*IpAddress::parse("203.0.113.9"), 443};
    event.bytes_out = bytes;
    event.duration_ns = 1;
    watch->on_close(event, subject);
  }
  void open_shell(const Subject& below) {
    auto shell = run("/bin/sh", below.process);
    shell.image->exec.argv = {"sh", "-i"};
    shell.image->exec.stdio[0] = Stdio::kInetSocket;
    watch->on_exec(shell);
  }
  void pass(WallNs ns) {
    clock.advance_to(clock.wall_ns() + ns);
    watch->tick();
  }
  const BeaconKey& key() {
    for (std::size_t i = 0; i < watch->table().slots(); ++i) {
      const auto& key = watch->table().key(static_cast<BeaconTable::Slot>(i));
      if (key.has(BeaconKey::kUsed) && !key.has(BeaconKey::kRollUp)) return key;
    }
    FAIL("no key");
    return watch->table().key(0);
  }
};

}  // namespace

TEST_CASE("a connection of many hours is told once, and what follows it still counts") {
  Host host;
  const auto implant = host.run("/tmp/x");
  host.connect(implant, /*cookie=*/77);
  for (int hour = 0; hour < 20; ++hour) host.pass(kHour);
  CHECK(host.key().has(BeaconKey::kLongLived));
  auto shell = host.run("/bin/sh", implant.process);
  shell.image->exec.argv = {"sh", "-i"};
  shell.image->exec.stdio[0] = Stdio::kSocket;
  host.watch->on_exec(shell);
  CHECK(host.key().has(BeaconKey::kShell));
  host.watch->flush();
  REQUIRE(host.told.size() == 1);
  CHECK(host.told[0].kind == AlertKind::kIncident);
}

TEST_CASE("the bytes of a connection of many hours are known at its end") {
  Host host;
  const auto implant = host.run("/tmp/x");
  for (std::uint64_t cookie = 1; cookie <= 3; ++cookie) host.connect(implant, cookie);
  host.pass(9 * kHour);
  for (std::uint64_t cookie = 1; cookie <= 3; ++cookie) host.close(implant, cookie, 4'096);
  CHECK(host.key().timing.score().size.value_or(0) == Approx(1));
  // It is over: nothing is talked through it any longer.
  host.pass(kHour);
  auto shell = host.run("/bin/sh", implant.process);
  shell.image->exec.argv = {"sh", "-i"};
  shell.image->exec.stdio[0] = Stdio::kSocket;
  host.watch->on_exec(shell);
  CHECK_FALSE(host.key().has(BeaconKey::kShell));
}

TEST_CASE("a connection whose end was lost is over with its process, unless a fork goes on") {
  for (const bool forked : {false, true}) {
    Host host;
    const auto implant = host.run("/tmp/x");
    host.connect(implant, /*cookie=*/77);
    host.pass(9 * kHour);
    implant.process->exited = true;
    // The same program: another run of it, or a fork, which has the image of its parent.
    const auto other = host.run("/tmp/x", implant.process);
    if (forked) other.process->image = implant.image;
    auto shell = host.run("/bin/sh", other.process);
    shell.image->exec.argv = {"sh", "-i"};
    shell.image->exec.stdio[0] = Stdio::kSocket;
    host.watch->on_exec(shell);
    CHECK(host.key().has(BeaconKey::kShell) == forked);
  }
}

TEST_CASE("an open connection keeps no process, and is taken for over after a week") {
  Host host;
  auto implant = host.run("/tmp/x");
  host.connect(implant, /*cookie=*/77);
  host.pass(9 * kHour);
  host.pass(7 * 24 * kHour);
  auto shell = host.run("/bin/sh", implant.process);
  shell.image->exec.argv = {"sh", "-i"};
  shell.image->exec.stdio[0] = Stdio::kSocket;
  host.watch->on_exec(shell);
  CHECK_FALSE(host.key().has(BeaconKey::kShell));
  const std::weak_ptr<Process> gone = implant.process;
  implant = {}, shell = {};
  CHECK(gone.expired());
}

TEST_CASE("what an allow entry kept silent is told at the next contact after it ends") {
  const auto entry = [](const char* until) {
    return "sha256:" + sha256_of("/tmp/x").hex() + " expires=" + until + " comment=ours";
  };
  // 2027-01-15 is the first day.
  for (const bool expires : {true, false}) {
    INFO(expires);
    Host host({entry(expires ? "2027-01-16" : "2027-12-01")});
    const auto agent = host.run("/tmp/x");
    host.connect(agent, /*cookie=*/1);
    host.open_shell(agent);
    for (int hour = 0; hour < 8; ++hour) {
      host.connect(agent, 2);
      host.close(agent, 2, 100);
      host.pass(kHour);
    }
    CHECK(host.told.empty());
    CHECK(host.key().has(BeaconKey::kSilenced));
    const auto silenced = host.watch->status()["silenced"];
    if (!expires) host.watch->set_allowed({});
    host.pass(48 * kHour);
    CHECK(host.told.empty());
    host.connect(agent, 3);
    host.pass(kHour);
    REQUIRE(host.told.size() == 1);
    CHECK(host.told[0].severity == Severity::kCritical);
    CHECK(host.watch->status()["silenced"] == silenced);
    CHECK_FALSE(host.key().has(BeaconKey::kSilenced));
    for (int hour = 0; hour < 40; ++hour) {
      host.connect(agent, 4);
      host.pass(kHour);
    }
    CHECK(host.told.size() == 1);
  }
}

TEST_CASE("a shell long after an entry ended is told, and one within the entry is counted") {
  Host host({"sha256:" + sha256_of("/tmp/x").hex() + " expires=2027-01-20 comment=ours"});
  const auto agent = host.run("/tmp/x");
  const auto shell = [&] {
    host.connect(agent, 1);
    host.close(agent, 1, 100);
    host.pass(61 * kNsPerSecond);
    host.open_shell(agent);
    host.pass(61 * kNsPerSecond);
  };
  shell();
  const int once = host.watch->status()["silenced"];
  host.pass(48 * kHour);
  shell();
  CHECK(host.told.empty());
  CHECK(host.watch->status()["silenced"] > once);
  host.pass(20 * 24 * kHour);
  shell();
  CHECK_FALSE(host.told.empty());
}
