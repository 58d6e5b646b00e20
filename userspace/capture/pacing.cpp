// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "capture/pacing.hpp"

#include <sys/epoll.h>

#include <utility>

namespace tocsin {
namespace {

constexpr unsigned kEmptyLooksToRest = 2;
// A look may come this late before events wake the reader although it had promised to look.
constexpr std::uint64_t kPromiseSlackNs = 1'000'000;

}  // namespace

Result<std::unique_ptr<PacedConsumer>> PacedConsumer::start(Parts parts, Options options,
                                                            Callbacks callbacks) {
  std::unique_ptr<PacedConsumer> c(new PacedConsumer(parts, options, std::move(callbacks)));
  PacedConsumer* self = c.get();
  if (parts.source.poll_fd() >= 0) {
    // Edges are wake-ups. Level triggering would fire for every record that came without one.
    TOCSIN_TRY(c->watch_, parts.loop.watch_fd(
                              parts.source.poll_fd(), EPOLLIN | EPOLLET,
                              [self](std::uint32_t) { self->wake(); }, options.priority));
  }
  TOCSIN_TRY(c->timer_, parts.loop.add_timer(
                            0, [self] { self->look(); }, options.priority));
  return c;
}

std::size_t PacedConsumer::look_now() {
  ++looks_;
  auto n = source_.consume(options_.budget, callbacks_.on_event);
  if (!n) {
    if (callbacks_.on_error) callbacks_.on_error(n.error());
    return 0;
  }
  events_ += *n;
  if (*n > 0 && callbacks_.on_batch_end) callbacks_.on_batch_end();
  return *n;
}

// Starts the looks anew even if an earlier look has taken already what the wake-up was for: the
// programs count on it (TW_WAKE_GAP_NS).
void PacedConsumer::wake() {
  empty_looks_ = 0;
  look();
}

void PacedConsumer::look() {
  const std::size_t n = look_now();
  if (n >= options_.budget) {  // more is waiting; the loop's other work goes first
    timer_.rearm_us(0);
    return;
  }
  empty_looks_ = n > 0 ? 0 : empty_looks_ + 1;
  if (empty_looks_ < kEmptyLooksToRest) {
    source_.promise_look(clock_.boot_ns() + options_.look_us * 1'000 + kPromiseSlackNs);
    timer_.rearm_us(options_.look_us);
  } else if (empty_looks_ == kEmptyLooksToRest) {
    // The promise ends here; what was written under it a moment ago is found by one look more.
    source_.promise_look(0);
    timer_.rearm_us(options_.look_us);
  } else {
    timer_.rearm_us(options_.idle_us);
  }
}

}  // namespace tocsin
