// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "base/disk_thread.hpp"

#include <pthread.h>
#include <signal.h>

#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

namespace tocsin {

struct DiskThread::State {
  Work work;
  std::chrono::milliseconds period;
  std::mutex mutex;
  std::condition_variable wake, done;
  bool poked = false, finishing = false, finished = false;  // under mutex
  std::thread thread;                                       // the owner's

  void run() {
    // Signals are the main thread's business.
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, nullptr);
    for (bool last = false; !last;) {
      {
        std::unique_lock lock(mutex);
        wake.wait_for(lock, period, [&] { return poked || finishing; });
        poked = false;
        last = finishing;
      }
      work(last);
    }
    const std::lock_guard lock(mutex);
    finished = true;
    done.notify_all();
  }
};

DiskThread::DiskThread(Work work, std::chrono::milliseconds period)
    : state_(std::make_shared<State>()) {
  state_->work = std::move(work);
  state_->period = period;
  state_->thread = std::thread([state = state_] { state->run(); });
}

DiskThread::~DiskThread() {
  stop(std::chrono::milliseconds(0));
}

void DiskThread::poke() {
  const std::lock_guard lock(state_->mutex);
  state_->poked = true;
  state_->wake.notify_one();
}

bool DiskThread::stop(std::chrono::milliseconds at_most) {
  if (std::exchange(stopped_, true)) return true;
  std::unique_lock lock(state_->mutex);
  state_->finishing = true;
  state_->wake.notify_one();
  const bool finished = state_->done.wait_for(lock, at_most, [&] { return state_->finished; });
  lock.unlock();
  if (finished) {
    state_->thread.join();
  } else {
    state_->thread.detach();
  }
  return finished;
}

}  // namespace tocsin
