// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

#include "base/clock.hpp"
#include "base/event_loop.hpp"
#include "base/result.hpp"
#include "capture/event_source.hpp"

namespace tocsin {

// Reads a source on an event loop by the pacing rule (bpf/emit.bpf.h is its other half): once
// woken, look again every look_us until looks find nothing; while looks find much, promise the
// programs the next one, so that a busy host pays for no wake-ups and a quiet one is answered at
// once. Between, one look every idle_us takes what did not ask for a wake-up.
class PacedConsumer {
 public:
  struct Options {
    std::uint64_t look_us = 2'000;
    std::uint64_t idle_us = 200'000;
    std::size_t budget = 4'096;  // events per look; more wait for the loop's next round
    int priority = 0;
  };
  struct Callbacks {
    WireSink on_event;
    // After a look that delivered something: the place to flush what the events left to do.
    std::move_only_function<void()> on_batch_end;
    std::move_only_function<void(const Error&)> on_error;
  };

  struct Parts {  // all outlive the consumer
    EventLoop& loop;
    EventSource& source;
    const Clock& clock;
  };
  static Result<std::unique_ptr<PacedConsumer>> start(Parts parts, Options options,
                                                      Callbacks callbacks);
  PacedConsumer(const PacedConsumer&) = delete;
  PacedConsumer& operator=(const PacedConsumer&) = delete;

  // One look now, outside the rule: for the last events before the end. Returns how many.
  std::size_t look_now();

  [[nodiscard]] std::uint64_t looks() const { return looks_; }
  [[nodiscard]] std::uint64_t events() const { return events_; }

 private:
  PacedConsumer(const Parts& parts, Options options, Callbacks callbacks)
      : source_(parts.source),
        clock_(parts.clock),
        options_(options),
        callbacks_(std::move(callbacks)) {}
  void wake();
  void look();
  void promise(std::size_t just_read);

  EventSource& source_;
  const Clock& clock_;
  Options options_;
  Callbacks callbacks_;
  EventLoop::Source watch_;
  EventLoop::Source timer_;
  unsigned empty_looks_ = 0;
  BootNs window_start_ = 0;
  std::uint64_t window_events_ = 0;
  bool busy_ = false;
  bool promised_ = false;
  std::uint64_t looks_ = 0;
  std::uint64_t events_ = 0;
};

}  // namespace tocsin
