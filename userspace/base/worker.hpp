// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "base/event_loop.hpp"
#include "base/fd.hpp"
#include "base/result.hpp"

namespace tocsin {

// One thread for work that would hold up a loop. Jobs run one after the other in the order they
// were given; what a job returns runs on the loop's thread. Everything but the jobs themselves
// happens on the loop's thread. Destruction waits for the job that runs and drops the others, and
// what they would have told.
class Worker {
 public:
  using OnLoop = std::move_only_function<void()>;
  using Job = std::move_only_function<OnLoop()>;

  static Result<std::unique_ptr<Worker>> start(EventLoop& loop);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  void submit(Job job);

 private:
  Worker() = default;
  void run(const std::stop_token& stop);
  void deliver();

  Fd wake_;  // eventfd: something is in done_
  std::mutex mutex_;
  std::condition_variable_any more_;
  std::deque<Job> jobs_;
  std::vector<OnLoop> done_;
  EventLoop::Source source_;
  std::jthread thread_;  // last: it ends before the rest goes
};

}  // namespace tocsin
