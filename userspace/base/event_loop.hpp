// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "base/result.hpp"

struct sd_event;
struct sd_event_source;

namespace tocsin {

// One thread's loop over sd-event. Everything registered runs on the thread that calls run();
// nothing here may be called from another thread.
class EventLoop {
 public:
  // Unregisters its callback when destroyed; a callback may destroy its own.
  class Source {
   public:
    Source();
    Source(Source&&) noexcept;
    Source& operator=(Source&&) noexcept;
    ~Source();
    // File descriptors: which epoll events to wait for.
    void set_io_events(std::uint32_t epoll_events);
    // Timers: run again in delay_us from now (once).
    void rearm_us(std::uint64_t delay_us);
    void set_enabled(bool enabled);
    [[nodiscard]] explicit operator bool() const { return state_ != nullptr; }

   private:
    friend class EventLoop;
    struct State;
    void unregister();
    std::shared_ptr<State> state_;
  };

  static Result<EventLoop> create();
  EventLoop(EventLoop&&) noexcept;
  EventLoop& operator=(EventLoop&&) noexcept;
  ~EventLoop();

  // on_ready gets the epoll events. Higher priority runs first: lower number, default 0.
  Result<Source> watch_fd(int fd, std::uint32_t epoll_events,
                          std::move_only_function<void(std::uint32_t)> on_ready, int priority = 0);
  // Runs once after delay_us; rearm_us() repeats it. Starts disabled when delay_us is UINT64_MAX.
  Result<Source> add_timer(std::uint64_t delay_us, std::move_only_function<void()> on_time,
                           int priority = 0);
  // Blocks the signal for this thread and all started later; delivers it here.
  Result<Source> watch_signal(int signal, std::move_only_function<void()> on_signal);

  // Until stop(); an error is a failure of the loop itself.
  Result<void> run();
  // One round, waiting at most timeout_us: for tests.
  Result<void> run_once(std::uint64_t timeout_us);
  void stop();

 private:
  explicit EventLoop(sd_event* loop) : loop_(loop) {}
  sd_event* loop_ = nullptr;
};

}  // namespace tocsin
