// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// One question to many hosts over three real brokers: how long until all have answered, with hosts
// that are away, and beside one that floods. bench_fleet_hunt [HOSTS]
#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <thread>

#include "base/text.hpp"
#include "fleet/hunt_tally.hpp"
#include "fleet/store.hpp"
#include "fleet/stream_reader.hpp"
#include "signature/base64.hpp"
#include "support/agent_host.hpp"
#include "support/daemon.hpp"

using namespace tocsin;
using namespace tocsin::fleet;
using namespace tocsin::test;

namespace {

constexpr int kRounds = 6;  // below what a host answers in a minute
constexpr std::size_t kNamesPerHost = 300;
constexpr std::size_t kAway = 25;
constexpr Millis kPatience{120'000};

double ms_since(std::chrono::steady_clock::time_point begun) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begun)
      .count();
}

double at_share(std::vector<double> sorted, double share) {
  std::ranges::sort(sorted);
  return sorted[std::min(sorted.size() - 1,
                         static_cast<std::size_t>(share * static_cast<double>(sorted.size())))];
}

HuntQuestion question_now() {
  HuntQuestion out;
  const auto now = SystemClock().wall_ns();
  out.id = new_hunt_id(now);
  out.site = "main";
  out.issued_ns = now / kNsPerSecond * kNsPerSecond;
  out.expires_ns = out.issued_ns + 86'400 * kNsPerSecond;
  out.wait_s = 60;
  for (const char* name : {"akamaicontainer.com", "journalide.org", "192.0.2.0/24"})
    out.values.push_back(parse_hunt_value(name).value());
  return out;
}

struct Round {
  std::vector<double> ms;  // of each answer, from the question's publication
  std::uint64_t seen = 0, not_seen = 0, unreadable = 0, silent = 0;
};

class Bench {
 public:
  explicit Bench(std::size_t count) : lab_(host_names(count), 3) {
    lab_.init();
    const auto key_text = to_base64(key_.public_key());
    for (const auto& name : host_names(count)) {
      hosts_.emplace_back(loop_, lab_, name, AgentKeys{.sets = {}, .hunts = {key_text}});
      known_[name] = SystemClock().wall_ns();
      std::vector<std::string> names;
      for (std::size_t i = 0; i < kNamesPerHost; ++i)
        names.push_back(fmt::format("n{}.{}.example.test", i, name));
      if (hosts_.size() % 100 == 3) names.push_back("akamaicontainer.com");
      write_history(hosts_.back(), names);
    }
    for (auto& host : hosts_) host.up();
    centre_ = connect(loop_, operator_options(lab_));
  }

  // Asks, and waits until that many have answered.
  Round ask(std::size_t expected, HuntTally& tally, const HuntQuestion& question) {
    Round out;
    const auto bytes = sign_question(question, key_).value();
    const auto begun = std::chrono::steady_clock::now();
    if (const auto sent = store(*centre_, subjects_.hunt(question.id), bytes); !sent)
      fmt::print(stderr, "{}\n", sent.error().message);
    const auto reader =
        StreamReader::start(*centre_, replies_to(question), [&](const Message& reply) {
          if (tally.take(subjects_, reply)) out.ms.push_back(ms_since(begun));
        });
    turn_until(
        loop_, [&] { return tally.answered() >= expected; }, kPatience);
    out.seen = tally.count(HostVerdict::kSeen);
    out.not_seen = tally.count(HostVerdict::kNotSeen);
    out.unreadable = tally.count(HostVerdict::kUnreadable);
    out.silent = tally.count(HostVerdict::kSilent);
    return out;
  }
  static void tell(std::string_view what, const Round& round) {
    fmt::print(
        "{:<28} {:>4} answers  p50 {:>7.0f} ms  p99 {:>7.0f} ms  all {:>7.0f} ms  seen {} "
        "not seen {} unreadable {} silent {}\n",
        what, round.ms.size(), at_share(round.ms, 0.5), at_share(round.ms, 0.99),
        at_share(round.ms, 1), round.seen, round.not_seen, round.unreadable, round.silent);
  }

  int run() {
    bool whole = true;
    for (int i = 0; i < kRounds; ++i) {
      const auto question = question_now();
      HuntTally tally(question, known_);
      const auto round = ask(hosts_.size(), tally, question);
      whole = whole && round.silent == 0;
      tell(fmt::format("round {}", i + 1), round);
    }
    return (away() && flooded() && whole) ? 0 : 1;
  }

 private:
  [[nodiscard]] ReadFrom replies_to(const HuntQuestion& question) const {
    return {.stream = kStreamReplies,
            .subject = subjects_.every(Kind::kReply),
            .since_ns = question.issued_ns};
  }

  bool away() {
    const auto count = std::min(kAway, hosts_.size() / 4);
    for (std::size_t i = 0; i < count; ++i) hosts_[i].down();
    const auto question = question_now();
    HuntTally tally(question, known_);
    const auto round = ask(hosts_.size() - count, tally, question);
    tell(fmt::format("{} hosts away", count), round);
    const auto begun = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < count; ++i) hosts_[i].up();
    const auto reader =
        StreamReader::start(*centre_, replies_to(question),
                            [&](const Message& reply) { tally.take(subjects_, reply); });
    turn_until(
        loop_, [&] { return tally.answered() == hosts_.size(); }, kPatience);
    fmt::print("{:<28} {:>4} of {} answered, all {:.0f} ms after their return\n", "they return",
               tally.answered(), hosts_.size(), ms_since(begun));
    return round.silent == count && tally.answered() == hosts_.size();
  }

  bool flooded() {
    hosts_[0].down();
    const auto flooder = connect(loop_, host_options(lab_, hosts_[0].name()));
    std::uint64_t sent = 0, strange = 0;
    Round round;
    {
      const std::jthread flood([&](const std::stop_token& stop) {
        const auto subject = subjects_.up(hosts_[0].name(), Kind::kReply);
        const std::string garbage(50'000, '{');
        for (; !stop.stop_requested(); ++sent)
          if (!flooder->publish(subject, garbage)) std::this_thread::sleep_for(Millis(1));
      });
      const auto question = question_now();
      HuntTally tally(question, known_);
      round = ask(hosts_.size() - 1, tally, question);
      strange = tally.strange();
    }
    tell("beside one that floods", round);
    fmt::print("  flood: {} messages of 50 kB, {} of them read and passed over\n", sent, strange);
    return round.silent == 1;
  }

  NatsLab lab_;
  EventLoop loop_ = EventLoop::create().value();
  Subjects subjects_ = Subjects::of_site("main").value();
  Ed25519Key key_ = Ed25519Key::generate().value();
  std::deque<AgentHost> hosts_;
  std::map<std::string, WallNs> known_;
  std::unique_ptr<Connection> centre_;
};

}  // namespace

int main(int argc, char** argv) {
  spdlog::set_level(spdlog::level::err);
  if (const auto why = NatsLab::refusal(); !why.empty()) {
    fmt::print(stderr, "SKIPPED bench_fleet_hunt: {}\n", why);
    return 77;
  }
  rlimit files{65'536, 65'536};
  setrlimit(RLIMIT_NOFILE, &files);
  const auto hosts = argc > 1 ? parse_u64(argv[1]).value_or(0) : 500;
  if (hosts < 4) {
    fmt::print(stderr, "usage: bench_fleet_hunt [HOSTS, at least 4]\n");
    return 2;
  }
  const auto begun = std::chrono::steady_clock::now();
  Bench bench(hosts);
  fmt::print("{} hosts are up after {:.1f} s\n", hosts, ms_since(begun) / 1000);
  const int code = bench.run();
  fmt::print("memory of all hosts: {} MiB\n", memory_kib(getpid(), "VmHWM") / 1024);
  return code;
}
