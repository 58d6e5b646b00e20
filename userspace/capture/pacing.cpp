// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "capture/pacing.hpp"

#include <sys/epoll.h>

#include <utility>

namespace tocsin {
namespace {

// Looks that find nothing before it rests. One more than would do for a program that kept silent
// because of an earlier wake-up: what was written as a promise ended is found, too.
constexpr unsigned kLooksAfterTheLast = 2;
// Events in the time of one look from which on it is busy: with three of them for each, and looks
// of 2 ms, some 330 executions a second.
constexpr std::size_t kBusyEvents = 2;
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
  promise(n);
  timer_.rearm_us(empty_looks_ <= kLooksAfterTheLast ? options_.look_us : options_.idle_us);
}

// Only while there is much to do: a promise saves wake-ups and costs up to a look of delay. What is
// much is judged over the length of a look, whether the looks came by time or by wake-up.
void PacedConsumer::promise(std::size_t just_read) {
  const BootNs now = clock_.boot_ns();
  const std::uint64_t look_ns = options_.look_us * 1'000;
  window_events_ += just_read;
  if (now - window_start_ >= look_ns) {
    busy_ = window_events_ * look_ns >= kBusyEvents * (now - window_start_);
    window_start_ = now;
    window_events_ = 0;
  }
  if (busy_)
    source_.promise_look(now + look_ns + kPromiseSlackNs);
  else if (promised_)
    source_.promise_look(0);
  promised_ = busy_;
}

}  // namespace tocsin
