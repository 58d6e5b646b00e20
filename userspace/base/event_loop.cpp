// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "base/event_loop.hpp"

#include <signal.h>
#include <systemd/sd-event.h>
#include <time.h>

#include <memory>
#include <utility>

namespace tocsin {

struct EventLoop::Source::State : std::enable_shared_from_this<EventLoop::Source::State> {
  sd_event_source* source = nullptr;
  std::move_only_function<void(std::uint32_t)> on_ready;
  std::move_only_function<void()> on_plain;

  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { sd_event_source_disable_unref(source); }
};

namespace {

constexpr std::uint64_t kTimerAccuracyUs = 100;

}  // namespace

EventLoop::Source::Source() = default;
EventLoop::Source::Source(Source&&) noexcept = default;
EventLoop::Source& EventLoop::Source::operator=(Source&&) noexcept = default;
EventLoop::Source::~Source() = default;

void EventLoop::Source::set_io_events(std::uint32_t epoll_events) {
  if (state_) sd_event_source_set_io_events(state_->source, epoll_events);
}

void EventLoop::Source::rearm_us(std::uint64_t delay_us) {
  if (!state_) return;
  sd_event_source_set_time_relative(state_->source, delay_us);
  sd_event_source_set_enabled(state_->source, SD_EVENT_ONESHOT);
}

void EventLoop::Source::set_enabled(bool enabled) {
  if (state_) sd_event_source_set_enabled(state_->source, enabled ? SD_EVENT_ON : SD_EVENT_OFF);
}

Result<EventLoop> EventLoop::create() {
  sd_event* loop = nullptr;
  if (const int r = sd_event_new(&loop); r < 0) return fail_errno("event loop", -r);
  return EventLoop(loop);
}

EventLoop::EventLoop(EventLoop&& other) noexcept : loop_(std::exchange(other.loop_, nullptr)) {}
EventLoop& EventLoop::operator=(EventLoop&& other) noexcept {
  std::swap(loop_, other.loop_);
  return *this;
}
EventLoop::~EventLoop() {
  sd_event_unref(loop_);
}

Result<EventLoop::Source> EventLoop::watch_fd(int fd, std::uint32_t epoll_events,
                                              std::move_only_function<void(std::uint32_t)> on_ready,
                                              int priority) {
  Source s;
  s.state_ = std::make_shared<Source::State>();
  s.state_->on_ready = std::move(on_ready);
  const auto call = [](sd_event_source*, int, std::uint32_t events, void* data) {
    // A callback may destroy its own Source: keep what it runs in alive until it returns.
    const auto keep = static_cast<Source::State*>(data)->shared_from_this();
    keep->on_ready(events);
    return 0;
  };
  if (const int r =
          sd_event_add_io(loop_, &s.state_->source, fd, epoll_events, call, s.state_.get());
      r < 0)
    return fail_errno("watching a file descriptor", -r);
  sd_event_source_set_priority(s.state_->source, priority);
  return s;
}

Result<EventLoop::Source> EventLoop::add_timer(std::uint64_t delay_us,
                                               std::move_only_function<void()> on_time,
                                               int priority) {
  Source s;
  s.state_ = std::make_shared<Source::State>();
  s.state_->on_plain = std::move(on_time);
  const auto call = [](sd_event_source*, std::uint64_t, void* data) {
    const auto keep = static_cast<Source::State*>(data)->shared_from_this();
    keep->on_plain();
    return 0;
  };
  const bool disabled = delay_us == UINT64_MAX;
  if (const int r = sd_event_add_time_relative(loop_, &s.state_->source, CLOCK_MONOTONIC,
                                               disabled ? 0 : delay_us, kTimerAccuracyUs, call,
                                               s.state_.get());
      r < 0)
    return fail_errno("adding a timer", -r);
  if (disabled) sd_event_source_set_enabled(s.state_->source, SD_EVENT_OFF);
  sd_event_source_set_priority(s.state_->source, priority);
  return s;
}

Result<EventLoop::Source> EventLoop::watch_signal(int signal,
                                                  std::move_only_function<void()> on_signal) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, signal);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  Source s;
  s.state_ = std::make_shared<Source::State>();
  s.state_->on_plain = std::move(on_signal);
  const auto call = [](sd_event_source*, const signalfd_siginfo*, void* data) {
    const auto keep = static_cast<Source::State*>(data)->shared_from_this();
    keep->on_plain();
    return 0;
  };
  if (const int r = sd_event_add_signal(loop_, &s.state_->source, signal, call, s.state_.get());
      r < 0)
    return fail_errno("watching a signal", -r);
  return s;
}

Result<void> EventLoop::run() {
  if (const int r = sd_event_loop(loop_); r < 0) return fail_errno("event loop", -r);
  return {};
}

Result<void> EventLoop::run_once(std::uint64_t timeout_us) {
  if (const int r = sd_event_run(loop_, timeout_us); r < 0) return fail_errno("event loop", -r);
  return {};
}

void EventLoop::stop() {
  sd_event_exit(loop_, 0);
}

}  // namespace tocsin
