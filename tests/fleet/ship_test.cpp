// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// Alerts on their way to three brokers that die and return: none lost, none twice, in order.
#include <string>
#include <vector>

#include "support/sim_fleet.hpp"

using namespace tocsin;
using namespace tocsin::fleet;
using namespace tocsin::test;

namespace {

struct Fleet {
  EventLoop loop = EventLoop::create().value();
  std::unique_ptr<Worker> worker = Worker::start(loop).value();
  std::vector<std::string> names;
  std::unique_ptr<NatsLab> lab;
  std::unique_ptr<SimCentre> centre;
  std::vector<std::unique_ptr<SimHost>> hosts;

  Fleet(std::size_t count, int servers) {
    for (std::size_t i = 1; i <= count; ++i) names.push_back("host-" + std::to_string(i));
    lab = std::make_unique<NatsLab>(names, servers);
    lab->init();
    centre = std::make_unique<SimCentre>(loop, *lab);
    for (const auto& name : names)
      hosts.push_back(std::make_unique<SimHost>(loop, *worker, *lab, name));
  }
  ~Fleet() {
    hosts.clear();
    centre.reset();
  }

  void raise(std::size_t each) {
    for (auto& host : hosts) host->raise(each);
  }
  void turn(Millis time) {
    turn_until(
        loop, [] { return false; }, time);
  }
  [[nodiscard]] std::uint64_t raised() const {
    std::uint64_t all = 0;
    for (const auto& host : hosts) all += host->raised();
    return all;
  }
  bool all_told(Millis limit) {
    return turn_until(
        loop,
        [&] {
          centre->expire();
          return centre->told() >= raised();
        },
        limit);
  }
  void check_exactly_once() {
    CHECK(centre->told() == raised());
    CHECK(centre->strangers() == 0);
    for (const auto& host : hosts) {
      INFO(host->name() << " " << host->described().dump());
      CHECK(turn_until(loop, [&] { return host->empty(); }));
      const auto at = centre->hosts().find(host->name());
      REQUIRE(at != centre->hosts().end());
      CHECK(at->second.told == host->raised());
      CHECK(at->second.in_order);
      CHECK(at->second.order.counts().missing == 0);
      CHECK(host->described()["spool"]["dropped"].empty());
    }
  }
};

}  // namespace

TEST_CASE("a backlog sent into a breaking connection loses nothing", "[fleet]") {
  TOCSIN_NEEDS_BROKER("a backlog sent into a breaking connection loses nothing");
  Fleet fleet(1, 1);
  auto& host = *fleet.hosts[0];
  host.raise(1);
  REQUIRE(fleet.all_told(Millis(20'000)));

  // More than the library keeps of what it cannot send (kFleetReconnectBytesMax), before the loop
  // has heard that there is no connection.
  host.hears_breaks = false;
  fleet.lab->kill(0);
  REQUIRE(turn_until(fleet.loop, [&] { return !host.connection().connected(); }));
  host.raise(400, 4'000);
  fleet.turn(Millis(1'500));
  fleet.lab->start(0);
  CHECK(fleet.all_told(Millis(60'000)));

  // And in the midst of a burst, whenever that is.
  host.hears_breaks = true;
  host.raise(2'000, 4'000);
  const auto before = fleet.centre->told();
  REQUIRE(turn_until(fleet.loop, [&] { return fleet.centre->told() > before + 100; }));
  fleet.lab->kill(0);
  fleet.turn(Millis(500));
  fleet.lab->start(0);
  CHECK(fleet.all_told(Millis(60'000)));
  fleet.check_exactly_once();
  CHECK(host.described()["spool"]["too_long"] == 0);
}

TEST_CASE("alerts arrive once and in order while the leader and two of three brokers die",
          "[fleet]") {
  TOCSIN_NEEDS_BROKER("alerts arrive once and in order while brokers die");
  Fleet fleet(6, 3);
  fleet.raise(50);
  REQUIRE(fleet.all_told(Millis(20'000)));

  const auto leader = static_cast<std::size_t>(fleet.lab->leader_of(kStreamAlerts));
  REQUIRE(leader < 3);
  fleet.raise(50);
  fleet.lab->kill(leader);
  fleet.raise(50);
  fleet.turn(Millis(1'000));
  fleet.raise(50);
  fleet.lab->kill((leader + 1) % 3);
  fleet.turn(Millis(500));
  fleet.raise(50);
  fleet.lab->start(leader);
  fleet.lab->start((leader + 1) % 3);
  CHECK(fleet.all_told(Millis(60'000)));
  fleet.check_exactly_once();
}
