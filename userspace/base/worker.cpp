// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "base/worker.hpp"

#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace tocsin {

Result<std::unique_ptr<Worker>> Worker::start(EventLoop& loop) {
  std::unique_ptr<Worker> worker(new Worker);
  worker->wake_ = Fd(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!worker->wake_) return fail_errno("making an eventfd", errno);
  TOCSIN_TRY(worker->source_,
             loop.watch_fd(worker->wake_.get(), EPOLLIN,
                           [raw = worker.get()](std::uint32_t) { raw->deliver(); }));
  worker->thread_ =
      std::jthread([raw = worker.get()](const std::stop_token& stop) { raw->run(stop); });
  return worker;
}

Worker::~Worker() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void Worker::submit(Job job) {
  const std::lock_guard lock(mutex_);
  jobs_.push_back(std::move(job));
  more_.notify_one();
}

void Worker::run(const std::stop_token& stop) {
  // Signals are the main thread's business: one that reaches this thread first would end the
  // program without its way down.
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
  for (;;) {
    Job job;
    {
      std::unique_lock lock(mutex_);
      if (!more_.wait(lock, stop, [&] { return !jobs_.empty(); }) || stop.stop_requested()) return;
      job = std::move(jobs_.front());
      jobs_.pop_front();
    }
    auto done = job();
    const std::lock_guard lock(mutex_);
    done_.push_back(std::move(done));
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = write(wake_.get(), &one, sizeof one);
  }
}

void Worker::deliver() {
  std::uint64_t count = 0;
  [[maybe_unused]] const auto got = read(wake_.get(), &count, sizeof count);
  std::vector<OnLoop> done;
  {
    const std::lock_guard lock(mutex_);
    done.swap(done_);
  }
  for (auto& tell : done)
    if (tell) tell();
}

}  // namespace tocsin
