// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// One signed set to many hosts over three real brokers: how long until the last has it in use.
// bench_fleet_sets [HOSTS] [VALUES]
#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <map>
#include <thread>

#include "base/text.hpp"
#include "support/agent_host.hpp"
#include "support/daemon.hpp"
#include "support/set_publisher_fixture.hpp"

using namespace tocsin;
using namespace tocsin::fleet;
using namespace tocsin::test;

namespace {

constexpr Millis kPatience{1'200'000};

double s_since(std::chrono::steady_clock::time_point begun) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
}

class Bench {
 public:
  Bench(std::size_t hosts, std::size_t values) : lab_(host_names(hosts), 3), values_(values) {
    lab_.init();
    for (const auto& name : host_names(hosts)) {
      hosts_.emplace_back(loop_, lab_, name,
                          AgentKeys{.sets = {signer_.public_key()}, .hunts = {}});
      hosts_.back().up();
    }
    centre_ = connect(loop_, operator_options(lab_));
  }

  // Publishes and waits; whether all have it.
  bool spread(std::uint64_t sequence, const std::string& content) {
    const auto manifest = signer_.manifest(content, sequence);
    const auto subjects = Subjects::of_site("main").value();
    const auto begun = std::chrono::steady_clock::now();
    std::atomic<bool> sent{false};
    std::jthread publisher([&] {
      const auto done =
          SetPublisher(*centre_, subjects).send(manifest, content, [](std::uint32_t) {});
      if (!done) fmt::print(stderr, "{}\n", done.error().message);
      sent = true;
    });
    double sent_s = 0;
    std::map<std::string, double> active;
    const bool all = turn_until(
        loop_,
        [&] {
          if (sent && sent_s == 0) sent_s = s_since(begun);
          for (const auto& host : hosts_)
            if (!active.contains(host.name()) && host.sequence() == sequence)
              active[host.name()] = s_since(begun);
          return active.size() == hosts_.size() && sent;
        },
        kPatience);
    publisher.join();
    std::vector<double> times;
    for (const auto& [host, seconds] : active) times.push_back(seconds);
    std::ranges::sort(times);
    fmt::print(
        "sequence {}: {} values, {:.1f} MB; published in {:.1f} s; in use on {} of {} "
        "hosts: half {:.1f} s, last {:.1f} s\n",
        sequence, values_, static_cast<double>(content.size()) / 1e6, sent_s, times.size(),
        hosts_.size(), times.empty() ? 0 : times[times.size() / 2],
        times.empty() ? 0 : times.back());
    const auto wrong = std::ranges::count_if(
        hosts_, [&](const AgentHost& host) { return host.indicators() != values_; });
    if (wrong > 0) fmt::print("{} hosts have another number of indicators\n", wrong);
    return all && wrong == 0;
  }

  // Whether every host refuses it with that reason, and keeps what it has.
  bool refused(std::string_view what, const SetManifest& manifest, std::string_view why) {
    const auto before = hosts_.front().sequence();
    const auto begun = std::chrono::steady_clock::now();
    const auto subjects = Subjects::of_site("main").value();
    if (!store(*centre_, subjects.manifest("fleet"), manifest.to_text())) return false;
    const auto fits = [&](const AgentHost& host) {
      return host.set_state() == "refused" && host.sequence() == before &&
             host.set_message().find(why) != std::string::npos;
    };
    const bool all = turn_until(
        loop_, [&] { return std::ranges::all_of(hosts_, fits); }, kPatience);
    fmt::print("{}: refused and told by {} of {} hosts after {:.1f} s\n", what,
               std::ranges::count_if(hosts_, fits), hosts_.size(), s_since(begun));
    return all;
  }

  int run() {
    const auto content = native_set(values_, "a");
    bool good = spread(42, content);
    const auto old = native_set(1'000, "old");
    good = refused("an old sequence", signer_.manifest(old, 41), "being replayed") && good;
    good = refused("a wrong key", SetSigner().manifest(old, 43), "does not list") && good;
    const auto manifest = signer_.manifest(old, 44);
    auto changed = old;
    changed[500] ^= 1;
    const auto subjects = Subjects::of_site("main").value();
    if (!store(*centre_, subjects.chunk("fleet", 44, 0), changed)) return 1;
    return refused("a tampered part", manifest, "not what the manifest names") && good ? 0 : 1;
  }

 private:
  NatsLab lab_;
  std::size_t values_;
  EventLoop loop_ = EventLoop::create().value();
  SetSigner signer_;
  std::deque<AgentHost> hosts_;
  std::unique_ptr<Connection> centre_;
};

}  // namespace

int main(int argc, char** argv) {
  spdlog::set_level(spdlog::level::err);
  if (const auto why = NatsLab::refusal(); !why.empty()) {
    fmt::print(stderr, "SKIPPED bench_fleet_sets: {}\n", why);
    return 77;
  }
  rlimit files{65'536, 65'536};
  setrlimit(RLIMIT_NOFILE, &files);
  const auto hosts = argc > 1 ? parse_u64(argv[1]).value_or(0) : 500;
  const auto values = argc > 2 ? parse_u64(argv[2]).value_or(0) : 100'000;
  if (hosts == 0 || values == 0) {
    fmt::print(stderr, "usage: bench_fleet_sets [HOSTS] [VALUES]\n");
    return 2;
  }
  Bench bench(hosts, values);
  const int code = bench.run();
  fmt::print("memory of all hosts: {} MiB\n", memory_kib(getpid(), "VmHWM") / 1024);
  return code;
}
