// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "hash/hash_lane.hpp"

#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <map>
#include <optional>

namespace tocsin {
namespace {

// What is not urgent goes behind whatever is asked for within this time.
constexpr std::int64_t kNotUrgentNs = 10'000'000'000;

std::int64_t now_ns() {
  return std::chrono::steady_clock::now().time_since_epoch().count();
}

std::int64_t turn_of(const HashJob& job) {
  constexpr std::uint64_t kSizeMax = 1ULL << 40;
  const auto size = std::min(std::max(job.found.file.size, job.request.file.size), kSizeMax);
  return now_ns() + static_cast<std::int64_t>(size) + (job.request.urgent ? 0 : kNotUrgentNs);
}

}  // namespace

Result<std::shared_ptr<HashOutbox>> HashOutbox::create() {
  Fd event(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  if (!event) return fail_errno("eventfd", errno);
  return std::make_shared<HashOutbox>(std::move(event));
}

void HashOutbox::put(HashOutcome outcome) {
  const std::lock_guard lock(mutex_);
  outcomes_.push_back(std::move(outcome));
  if (outcomes_.size() != 1) return;  // the reader knows already
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto put = write(event_.get(), &one, sizeof one);
}

std::vector<HashOutcome> HashOutbox::take() {
  // Before the taking: what is put in between makes the descriptor readable once more, for nothing.
  std::uint64_t count = 0;
  [[maybe_unused]] const auto got = read(event_.get(), &count, sizeof count);
  const std::lock_guard lock(mutex_);
  return std::exchange(outcomes_, {});
}

struct HashLane::Queue {
  std::mutex mutex;
  std::condition_variable_any changed;
  std::multimap<std::int64_t, HashJob> jobs;  // by turn
};

// One thread's own state; it outlives the lane when the thread does.
struct HashLane::Worker {
  std::atomic<std::int64_t> pulse_ns{0};  // last sign of life while busy
  std::atomic<bool> busy{false};
  std::mutex mutex;
  std::condition_variable finished_changed;
  bool finished = false;

  void run(const std::stop_token& stop, Queue& queue, HashOutbox& outbox);
};

void HashLane::Worker::run(const std::stop_token& stop, Queue& queue, HashOutbox& outbox) {
  auto digester = FileDigester::create();
  while (!stop.stop_requested()) {
    std::optional<HashJob> job;
    {
      std::unique_lock lock(queue.mutex);
      if (!queue.changed.wait(lock, stop, [&] { return !queue.jobs.empty(); })) break;
      job = std::move(queue.jobs.extract(queue.jobs.begin()).mapped());
      pulse_ns.store(now_ns(), std::memory_order_relaxed);
      busy.store(true, std::memory_order_release);
    }
    if (digester) {
      outbox.put(run_hash_job(std::move(*job), *digester, stop, pulse_ns));
    } else {
      HashOutcome failed;
      failed.id = job->id;
      failed.result.miss = HashMiss::kUnreadable;
      failed.result.detail = digester.error().message;
      outbox.put(std::move(failed));
    }
    busy.store(false, std::memory_order_release);
  }
}

HashLane::HashLane(std::shared_ptr<HashOutbox> outbox, Options options)
    : outbox_(std::move(outbox)), options_(options), queue_(std::make_shared<Queue>()) {}

void HashLane::start_thread() {
  worker_ = std::make_shared<Worker>();
  thread_ = std::jthread([worker = worker_, queue = queue_, outbox = outbox_,
                          niceness = options_.niceness](const std::stop_token& stop) {
    // Threads have a niceness of their own on Linux. Refused (less nice, no right): as we were.
    if (niceness != 0) setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), niceness);
    worker->run(stop, *queue, *outbox);
    const std::lock_guard lock(worker->mutex);
    worker->finished = true;
    worker->finished_changed.notify_all();
  });
}

void HashLane::request_stop() {
  thread_.request_stop();
}

HashLane::~HashLane() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  {
    std::unique_lock lock(worker_->mutex);
    worker_->finished_changed.wait_for(lock, std::chrono::milliseconds(options_.stop_wait_ms),
                                       [&] { return worker_->finished; });
    if (!worker_->finished) thread_.detach();
  }
  if (thread_.joinable()) thread_.join();
}

void HashLane::push(HashJob job) {
  if (!thread_.joinable()) start_thread();
  const auto turn = turn_of(job);
  {
    const std::lock_guard lock(queue_->mutex);
    queue_->jobs.emplace(turn, std::move(job));
  }
  queue_->changed.notify_one();
}

void HashLane::replace_if_stuck() {
  if (worker_ == nullptr || !worker_->busy.load(std::memory_order_acquire)) return;
  if (now_ns() - worker_->pulse_ns.load(std::memory_order_relaxed) < options_.stuck_ns) return;
  {
    const std::lock_guard lock(queue_->mutex);
    if (queue_->jobs.empty()) return;
  }
  if (left_behind_ >= options_.left_behind_max) return;
  ++left_behind_;
  // Should it come back, its result still counts, and then it ends.
  thread_.request_stop();
  thread_.detach();
  start_thread();
}

}  // namespace tocsin
