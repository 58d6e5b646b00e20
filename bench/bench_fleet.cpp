// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// Alerts of many hosts on their way to three brokers, of which one, then the leader, then two are
// killed and return: what is lost, what comes twice, how long it takes and what it costs.
//   bench_fleet [HOSTS [ALERTS]]   default: 50 hosts, 100000 alerts in all
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "support/daemon.hpp"
#include "support/sim_fleet.hpp"

using namespace tocsin;
using namespace tocsin::fleet;
using namespace tocsin::test;

namespace {

using Clock = std::chrono::steady_clock;

struct Bench {
  EventLoop loop = EventLoop::create().value();
  std::unique_ptr<Worker> worker = Worker::start(loop).value();
  std::unique_ptr<NatsLab> lab;
  std::unique_ptr<SimCentre> centre;
  std::vector<std::unique_ptr<SimHost>> hosts;
  Clock::time_point begun = Clock::now();
  std::uint64_t most_kib = 0;
  std::uint64_t goal = 0;

  void note(const std::string& what) {
    most_kib = std::max(most_kib, memory_kib(getpid(), "VmRSS"));
    const std::chrono::duration<double> passed = Clock::now() - begun;
    fmt::print("{:7.1f} s  {:<34} told {:>7}\n", passed.count(), what, centre->told());
    std::fflush(stdout);
  }
  // Raises so many a host, spread over the time, while all goes on.
  void raise(std::size_t each, Millis over) {
    constexpr std::size_t kSteps = 20;
    for (std::size_t step = 0; step < kSteps; ++step) {
      for (auto& host : hosts) host->raise(each * (step + 1) / kSteps - each * step / kSteps);
      turn_until(
          loop, [] { return false; }, over / kSteps);
      centre->expire();
    }
    goal += each * hosts.size();
  }
  bool settle(Millis limit) {
    return turn_until(
        loop,
        [&] {
          centre->expire();
          return centre->told() >= goal;
        },
        limit);
  }
};

int report(Bench& bench) {
  std::uint64_t duplicates = 0, missing = 0, out_of_turn = 0, waiting = 0, refused = 0;
  for (const auto& [name, host] : bench.centre->hosts()) {
    duplicates += host.order.counts().duplicates;
    missing += host.order.counts().missing;
    out_of_turn += host.in_order ? 0 : 1;
  }
  for (const auto& host : bench.hosts) {
    waiting = std::max(waiting, host->most_waiting());
    refused += host->described()["spool"]["refused"].get<std::uint64_t>();
  }
  const auto told = bench.centre->told();
  fmt::print(
      "lost {}, told twice {}, hosts out of order {}, stored twice and folded {}, refused and "
      "sent again {}\n",
      bench.goal - std::min(bench.goal, told), told - std::min(told, bench.goal), out_of_turn,
      duplicates, refused);
  fmt::print("memory of all hosts and the reader at most {} MiB; largest spool {} KiB\n",
             bench.most_kib / 1024, waiting / 1024);
  return told == bench.goal && missing == 0 && out_of_turn == 0 ? 0 : 1;
}

int run(std::size_t hosts, std::size_t alerts) {
  Bench bench;
  std::vector<std::string> names;
  for (std::size_t i = 1; i <= hosts; ++i) names.push_back("host-" + std::to_string(i));
  bench.lab = std::make_unique<NatsLab>(names, 3);
  bench.lab->init();
  bench.centre = std::make_unique<SimCentre>(bench.loop, *bench.lab);
  for (const auto& name : names)
    bench.hosts.push_back(std::make_unique<SimHost>(bench.loop, *bench.worker, *bench.lab, name));
  bench.begun = Clock::now();
  const auto each = alerts / hosts / 5;
  bench.raise(each, Millis(4'000));
  bench.note("all three brokers");
  const auto leader = static_cast<std::size_t>(bench.lab->leader_of(kStreamAlerts));
  const auto other = (leader + 1) % 3;
  bench.lab->kill(other);
  bench.raise(each, Millis(4'000));
  bench.note("one was killed, not the leader");
  bench.lab->start(other);
  bench.raise(each / 2, Millis(4'000));
  bench.note("it is back");
  const auto now = static_cast<std::size_t>(bench.lab->leader_of(kStreamAlerts));
  bench.lab->kill(now);
  bench.raise(each, Millis(8'000));
  bench.note("the leader was killed");
  bench.lab->start(now);
  bench.raise(each / 2, Millis(4'000));
  bench.note("it is back");
  bench.lab->kill(0);
  bench.lab->kill(1);
  bench.raise(alerts / hosts - bench.goal / hosts, Millis(8'000));
  bench.note("two of three were killed");
  bench.lab->start(0);
  bench.lab->start(1);
  const bool whole = bench.settle(Millis(180'000));
  bench.note(whole ? "they are back, and all is told" : "they are back, but not all is told");
  const int code = report(bench);
  bench.hosts.clear();
  bench.centre.reset();
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  if (const auto why = NatsLab::refusal(); !why.empty()) {
    fmt::print("SKIPPED bench_fleet: {}\n", why);
    return 0;
  }
  spdlog::set_level(spdlog::level::off);  // refusals are counted
  const std::size_t hosts = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 50;
  const std::size_t alerts = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 100'000;
  try {
    return run(std::max<std::size_t>(hosts, 1), alerts);
  } catch (const std::exception& e) {
    fmt::print(stderr, "bench_fleet: {}\n", e.what());
    return 2;
  }
}
