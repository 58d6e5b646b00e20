// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/hunt_desk.hpp"

#include <condition_variable>
#include <mutex>

#include "control/later.hpp"
#include "history/history_limits.hpp"
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
                            .is_running = [](ProcessId) { return false; }})
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
