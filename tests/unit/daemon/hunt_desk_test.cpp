// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/hunt_desk.hpp"

#include <unistd.h>

#include <condition_variable>
#include <mutex>

#include "control/later.hpp"
#include "history/history_limits.hpp"
#include "process/procfs_scan.hpp"
#include "support/history_builder.hpp"
#include "support/test.hpp"

namespace tocsin::test {
namespace {

// A disk that holds the worker's thread until it is let go.
class Gate {
 public:
  bool pass() {
    std::unique_lock lock(mutex_);
    ++arrived_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return open_; });
    return true;
  }
  void wait_for_one() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return arrived_ > 0; });
  }
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int arrived_ = 0;
  bool open_ = false;
};

const std::string kThisBoot(32, 'b');

// This very process, its start known as exactly as /proc tells it.
ProcessId self() {
  return read_procfs(static_cast<std::uint32_t>(getpid()), CgroupTable(""), 0).value().id;
}

struct Bench {
  TempDir dir;
  Gate gate;
  SystemClock clock;
  EventLoop loop = EventLoop::create().value();
  std::unique_ptr<HuntDesk> desk;
  int answered = 0, refused = 0;

  Bench() {
    HistoryBuilder(dir / "history").run({kHistoryStart, clock.wall_ns(), {}});
    desk = HuntDesk::start({.loop = loop,
                            .clock = clock,
                            .folder = dir / "history",
                            .flush = [this] { return gate.pass(); },
                            .boot_id = kThisBoot})
               .value();
  }
  ~Bench() { gate.open(); }

  void ask(std::function<bool()> wanted = {}) {
    control::HuntRequest request;
    request.values = {*parse_hunt_value("evil.example")};
    request.wanted = std::move(wanted);
    desk->hunt(std::move(request), [this](Result<nlohmann::json> result) {
      ++(result ? answered : refused);
      if (!result) CHECK(result.error().code == ErrorCode::kBusy);
    });
  }
  void turn_until(const std::function<bool()>& holds) {
    for (int i = 0; i < 500 && !holds(); ++i) (void)loop.run_once(20'000);
    CHECK(holds());
  }
};

TEST_CASE("hunts wait in a queue that ends, and are all answered", "[hunt]") {
  Bench bench;
  bench.ask();
  bench.gate.wait_for_one();  // it is being answered
  for (std::size_t i = 0; i < limits::kHuntsWaitingMax; ++i) bench.ask();
  CHECK(bench.refused == 0);
  bench.ask();
  CHECK(bench.refused == 1);
  bench.gate.open();
  bench.turn_until(
      [&] { return bench.answered == 1 + static_cast<int>(limits::kHuntsWaitingMax); });
}

TEST_CASE("a client that goes away takes its hunt along", "[hunt]") {
  Bench bench;
  bench.ask();
  bench.gate.wait_for_one();
  std::vector<control::Later> clients;
  for (std::size_t i = 0; i < limits::kHuntsWaitingMax; ++i) {
    auto [later, done] = control::Later::make();
    bench.ask(later.wanted());
    clients.push_back(std::move(later));
  }
  clients.resize(1);
  bench.ask();  // there is room
  CHECK(bench.refused == 0);
  bench.gate.open();
  bench.turn_until([&] { return bench.answered == 3; });
}

TEST_CASE("between two hunts others may ask the history", "[hunt]") {
  Bench bench;
  bench.ask();
  bench.gate.wait_for_one();
  bench.ask();
  bench.ask();
  int answered_before = -1;
  bench.desk->worker().submit(
      [&]() -> Worker::OnLoop { return [&] { answered_before = bench.answered; }; });
  bench.gate.open();
  bench.turn_until([&] { return bench.answered == 3; });
  CHECK(answered_before >= 0);
  CHECK(answered_before < 3);
}

TEST_CASE("whether a process still runs is asked of the kernel, not of what is remembered",
          "[hunt]") {
  Bench bench;
  bench.gate.open();
  const auto running = [&](ProcessId process, const std::string& boot) {
    nlohmann::json answer;
    control::ContactRequest request;
    request.question.program = "/bin/true";
    request.process = process;
    request.boot_id = boot;
    bench.desk->contacts(std::move(request), [&](Result<nlohmann::json> result) {
      REQUIRE(result);
      answer = std::move(*result);
    });
    bench.turn_until([&] { return !answer.is_null(); });
    return answer.value("running", nlohmann::json());
  };
  auto exactly = self();
  exactly.start_ns += 1'234'567;  // as a kernel event tells it
  CHECK(running(self(), kThisBoot) == true);
  CHECK(running(exactly, kThisBoot) == true);
  CHECK(running(self(), std::string(32, 'a')) == false);
  CHECK(running(self(), "").is_null());
  auto before = self();
  before.start_ns -= 10'000'000;
  CHECK(running(before, kThisBoot) == false);
}

TEST_CASE("a hunt says of a process from before the daemon that it still runs", "[hunt]") {
  Bench bench;
  bench.gate.open();
  const auto digest = digest_number(1);
  SightingRow row;
  row.kind = SeenKind::kProgram;
  row.value = to_value(digest);
  row.subject = "/opt/x";
  row.first_ns = row.last_ns = bench.clock.wall_ns();
  row.count = row.days = 1;
  row.last_process = self();
  auto earlier = row;  // the same numbers in another boot
  earlier.value = to_value(digest_number(2));
  earlier.first_ns = earlier.last_ns = kHistoryStart;
  HistoryBuilder(bench.dir / "history").seen(row).seen(earlier);
  control::HuntRequest request;
  request.values = {*parse_hunt_value(digest.hex()), *parse_hunt_value(digest_number(2).hex())};
  nlohmann::json answer;
  bench.desk->hunt(std::move(request), [&](Result<nlohmann::json> result) {
    REQUIRE(result);
    answer = std::move(*result);
  });
  bench.turn_until([&] { return !answer.is_null(); });
  REQUIRE(answer["hits"].size() == 2);
  for (const auto& hit : answer["hits"])
    CHECK(hit["sightings"][0].contains("running") == (hit["value"] == digest.hex()));
}

TEST_CASE("a desk that stops begins no hunt", "[hunt]") {
  Bench bench;
  bench.ask();
  bench.gate.wait_for_one();
  bench.ask();
  bench.desk->stop();
  bench.gate.open();
  bench.turn_until([&] { return bench.answered == 1; });
  bench.desk.reset();
  CHECK(bench.answered == 1);
}

}  // namespace
}  // namespace tocsin::test
