// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "capture/pacing.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "base/fd.hpp"
#include "support/test.hpp"

namespace tocsin {
namespace {

constexpr std::uint64_t kLookUs = 2'000;
constexpr std::uint64_t kNsPerUs = 1'000;

// A ring in this process: events may come with a wake-up or without one, as the kernel's do.
class QueueSource final : public EventSource {
 public:
  void put(int events, bool wake) {
    waiting_ += events;
    if (!wake) return;
    const std::uint64_t one = 1;
    REQUIRE(::write(wake_fd_.get(), &one, sizeof one) == sizeof one);
  }
  [[nodiscard]] int poll_fd() const override { return wake_fd_.get(); }
  Result<std::size_t> consume(std::size_t budget, WireSink& sink) override {
    if (broken) return fail(ErrorCode::kIo, "broken");
    std::size_t n = 0;
    for (; n < budget && waiting_ > 0; ++n, --waiting_) sink({});
    most_in_one_look = std::max(most_in_one_look, n);
    return n;
  }
  void promise_look(BootNs boot_ns) override { promises.push_back(boot_ns); }
  [[nodiscard]] CaptureCounters counters() const override { return {}; }

  std::vector<BootNs> promises;
  std::size_t most_in_one_look = 0;
  bool broken = false;

 private:
  Fd wake_fd_{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  int waiting_ = 0;
};

struct Bench {
  QueueSource source;
  SystemClock clock;
  EventLoop loop = std::move(*EventLoop::create());
  int delivered = 0;
  int batches = 0;
  std::string error;
  std::unique_ptr<PacedConsumer> consumer;

  explicit Bench(PacedConsumer::Options options = {}) {
    PacedConsumer::Callbacks callbacks;
    callbacks.on_event = [this](std::span<const std::byte>) { ++delivered; };
    callbacks.on_batch_end = [this] { ++batches; };
    callbacks.on_error = [this](const Error& e) { error = e.message; };
    auto started = PacedConsumer::start({loop, source, clock}, options, std::move(callbacks));
    REQUIRE(started);
    consumer = std::move(*started);
  }
  void run_us(std::uint64_t us) {
    const BootNs end = clock.boot_ns() + us * kNsPerUs;
    while (clock.boot_ns() < end) REQUIRE(loop.run_once(500));
  }
  // However slow the machine is.
  bool run_until(const std::function<bool()>& done) {
    const BootNs end = clock.boot_ns() + 5ULL * kNsPerSecond;
    while (!done() && clock.boot_ns() < end) REQUIRE(loop.run_once(500));
    return done();
  }
  // Until the looks at the start are over.
  void rest() {
    REQUIRE(run_until([this] { return consumer->looks() == 3; }));
    source.promises.clear();
  }
};

constexpr std::uint64_t kNeverUs = 3'600'000'000;

TEST_CASE("a wake-up is answered at once, then a few looks follow, then rest", "[pacing]") {
  Bench b({.idle_us = kNeverUs});
  b.rest();
  b.source.put(1, true);
  REQUIRE(b.loop.run_once(100'000));
  CHECK(b.delivered == 1);
  CHECK(b.batches == 1);
  // The wake-up, and three looks that find nothing, the third because a promise may have ended.
  CHECK(b.run_until([&] { return b.consumer->looks() == 3 + 4; }));
  b.run_us(20 * kLookUs);
  CHECK(b.consumer->looks() == 3 + 4);
  CHECK(b.source.promises.empty());  // so little is worth no promise
}

TEST_CASE("who is busy promises the next look and takes it back at rest", "[pacing]") {
  Bench b({.idle_us = kNeverUs});
  b.rest();
  b.run_us(2 * kLookUs);
  const BootNs before = b.clock.boot_ns();
  b.source.put(100'000, true);  // much, however long the rest before it was
  CHECK(b.run_until([&] { return !b.source.promises.empty(); }));
  CHECK(b.source.promises[0] >= before + kLookUs * kNsPerUs);
  CHECK(b.run_until([&] { return b.source.promises.back() == 0; }));
  CHECK(b.delivered == 100'000);
  const std::uint64_t looks = b.consumer->looks();
  CHECK(b.run_until([&] { return b.consumer->looks() > looks; }));  // one look after the promise
}

TEST_CASE("many small wake-ups make it busy, too", "[pacing]") {
  Bench b({.idle_us = kNeverUs});
  b.rest();
  CHECK(b.run_until([&] {
    b.source.put(3, true);  // each round of the loop is far shorter than a look
    return !b.source.promises.empty();
  }));
}

TEST_CASE("what comes without a wake-up is found by the next look", "[pacing]") {
  Bench b({.idle_us = kNeverUs});
  b.rest();
  b.source.put(1, true);
  REQUIRE(b.loop.run_once(100'000));
  for (int found = 2; found < 7; ++found) {  // each find keeps the looks going
    b.source.put(1, false);
    REQUIRE(b.run_until([&] { return b.delivered == found; }));
  }
}

TEST_CASE("a wake-up for what was taken already starts the looks anew", "[pacing]") {
  Bench b({.idle_us = kNeverUs});
  b.rest();
  const std::uint64_t looks = b.consumer->looks();
  b.source.put(0, true);
  CHECK(b.run_until([&] { return b.consumer->looks() == looks + 3; }));
}

TEST_CASE("what slipped in at the end of the promise is found by the idle look", "[pacing]") {
  Bench b({.idle_us = 50'000});
  b.rest();
  b.source.put(1, false);
  CHECK(b.run_until([&] { return b.delivered == 1; }));
}

TEST_CASE("more than one look may take waits for the loop's other work", "[pacing]") {
  Bench b({.budget = 10});
  b.rest();
  int other_work = 0;
  auto other = b.loop.add_timer(0, [&] { ++other_work; });
  REQUIRE(other);
  b.source.put(95, true);
  CHECK(b.run_until([&] { return b.delivered == 95; }));
  CHECK(b.source.most_in_one_look == 10);
  CHECK(other_work == 1);
}

TEST_CASE("a source that fails is reported and looked at again", "[pacing]") {
  Bench b;
  b.source.broken = true;
  CHECK(b.run_until([&] { return b.error == "broken"; }));
  b.source.broken = false;
  b.source.put(2, true);
  CHECK(b.run_until([&] { return b.delivered == 2; }));
}

TEST_CASE("the last events can be taken outside the rule", "[pacing]") {
  Bench b;
  b.rest();
  b.source.put(2, false);
  CHECK(b.consumer->look_now() == 2);
  CHECK(b.delivered == 2);
}

}  // namespace
}  // namespace tocsin
