// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "sink/fan_out.hpp"

#include <fmt/format.h>
#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

namespace tocsin {
namespace {

using TimePoint = std::chrono::steady_clock::time_point;

// After the deadline a writer gets this long to notice the stop request.
constexpr std::chrono::milliseconds kStopGrace{200};

// Signals are the main thread's business; a broken pipe is then an error of write() (SIGPIPE goes
// to the thread that wrote).
void block_signals() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

std::size_t text_bytes(const RenderedAlert& record) {
  return record.json.size() + record.ocsf.size() + record.human.size();
}

}  // namespace

// One sink with its queue. Shared with its thread, which may outlive the FanOut when the kernel
// holds it in a write.
class FanOut::Lane {
 public:
  using Record = std::shared_ptr<const RenderedAlert>;

  Lane(std::unique_ptr<Sink> sink, const FanOutOptions& options)
      : sink_(std::move(sink)), options_(options) {}

  static void start(const std::shared_ptr<Lane>& lane) {
    lane->thread_ = std::jthread([lane](const std::stop_token& stop) { lane->run(stop); });
  }
  void push(Record record);
  [[nodiscard]] SinkStatus status() const;
  void reopen() { sink_->reopen(); }
  [[nodiscard]] bool wants_ocsf() const { return sink_->wants_ocsf(); }
  // No more records will come: empties the queue, at most until the deadline.
  void drain_until(TimePoint deadline);
  // Ends the thread, or leaves it behind when it does not come back from the kernel.
  void end();

 private:
  void run(const std::stop_token& stop);
  // The next record; null when it is time to end. An empty queue is the time to flush.
  Record next(const std::stop_token& stop);
  // Tries until the record is out or the stop is requested.
  void deliver(const RenderedAlert& record, const std::stop_token& stop);
  void drop_first();

  const std::unique_ptr<Sink> sink_;
  const FanOutOptions options_;
  bool unflushed_ = false;  // the sink's thread only

  mutable std::mutex mutex_;
  std::condition_variable_any wake_;
  std::condition_variable done_;
  // All below are under mutex_, but thread_, which belongs to the owner of the FanOut.
  std::deque<Record> queue_;
  std::size_t queue_bytes_ = 0;
  std::uint64_t delivered_ = 0, absent_ = 0, dropped_ = 0, errors_ = 0;
  bool writing_ = false;  // a record is taken from the queue and not yet settled
  TimePoint writing_since_;
  bool finishing_ = false;  // no more records will come
  bool finished_ = false;   // the thread is at its end
  bool abandoned_ = false;  // the thread was left behind; its counters are closed
  std::jthread thread_;
};

void FanOut::Lane::push(Record record) {
  {
    const std::lock_guard lock(mutex_);
    queue_bytes_ += text_bytes(*record);
    queue_.push_back(std::move(record));
    // The record being written is not in the queue: it may be half out.
    while (queue_.size() > 1 && (queue_.size() + (writing_ ? 1 : 0) > options_.queue_max ||
                                 queue_bytes_ > options_.queue_bytes_max))
      drop_first();
  }
  wake_.notify_all();
}

void FanOut::Lane::drop_first() {
  queue_bytes_ -= text_bytes(*queue_.front());
  queue_.pop_front();
  ++dropped_;
}

SinkStatus FanOut::Lane::status() const {
  SinkStatus out{.name = std::string(sink_->name()), .health = sink_->health()};
  const std::lock_guard lock(mutex_);
  out.delivered = delivered_;
  out.absent = absent_;
  out.dropped = dropped_;
  out.errors = errors_;
  out.queued = queue_.size() + (writing_ ? 1 : 0);
  const auto on_the_way = std::chrono::steady_clock::now() - writing_since_;
  if (writing_ && on_the_way > options_.stuck_after && out.health.state == SinkState::kOk) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(on_the_way).count();
    out.health = {SinkState::kFailing, fmt::format("stuck in one record for {} s", seconds)};
  }
  return out;
}

void FanOut::Lane::drain_until(TimePoint deadline) {
  std::unique_lock lock(mutex_);
  finishing_ = true;
  wake_.notify_all();
  done_.wait_until(lock, deadline, [&] { return finished_; });
}

void FanOut::Lane::end() {
  thread_.request_stop();
  std::unique_lock lock(mutex_);
  if (!done_.wait_for(lock, kStopGrace, [&] { return finished_; })) {
    abandoned_ = true;
    dropped_ += writing_ ? 1 : 0;
    writing_ = false;
    while (!queue_.empty()) drop_first();
    lock.unlock();
    thread_.detach();
    return;
  }
  lock.unlock();
  thread_.join();
}

void FanOut::Lane::run(const std::stop_token& stop) {
  block_signals();
  while (const Record record = next(stop)) deliver(*record, stop);
  const std::lock_guard lock(mutex_);
  while (!queue_.empty()) drop_first();
  finished_ = true;
  done_.notify_all();
}

FanOut::Lane::Record FanOut::Lane::next(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  for (;;) {
    if (stop.stop_requested() || abandoned_) return nullptr;
    if (!queue_.empty()) {
      Record record = std::move(queue_.front());
      queue_.pop_front();
      queue_bytes_ -= text_bytes(*record);
      writing_ = true;
      writing_since_ = std::chrono::steady_clock::now();
      return record;
    }
    if (unflushed_) {
      unflushed_ = false;
      lock.unlock();
      const bool flushed = sink_->flush().has_value();
      lock.lock();
      errors_ += flushed ? 0 : 1;
      continue;
    }
    if (finishing_) return nullptr;
    wake_.wait(lock, stop, [&] { return !queue_.empty() || finishing_; });
  }
}

void FanOut::Lane::deliver(const RenderedAlert& record, const std::stop_token& stop) {
  auto delay = options_.retry_first;
  for (;;) {
    const auto written = sink_->write(record, stop);
    std::unique_lock lock(mutex_);
    if (abandoned_) return;
    if (written) {
      ++(*written == Written::kDelivered ? delivered_ : absent_);
      unflushed_ = unflushed_ || *written == Written::kDelivered;
      writing_ = false;
      return;
    }
    if (!stop.stop_requested()) {
      ++errors_;
      // The start of the end is worth a try at once.
      const bool before = finishing_;
      wake_.wait_for(lock, stop, delay, [&] { return finishing_ != before; });
      delay = finishing_ ? options_.retry_first : std::min(delay * 2, options_.retry_most);
    }
    if (stop.stop_requested()) {
      if (!abandoned_) ++dropped_;
      writing_ = false;
      return;
    }
  }
}

FanOut::~FanOut() {
  stop(std::chrono::milliseconds(0));
}

void FanOut::add(std::unique_ptr<Sink> sink) {
  lanes_.push_back(std::make_shared<Lane>(std::move(sink), options_));
  Lane::start(lanes_.back());
}

void FanOut::publish(const std::shared_ptr<const RenderedAlert>& alert) {
  for (const auto& lane : lanes_) lane->push(alert);
}

std::vector<SinkStatus> FanOut::status() const {
  std::vector<SinkStatus> out = last_;
  for (const auto& lane : lanes_) out.push_back(lane->status());
  return out;
}

void FanOut::reopen() {
  for (const auto& lane : lanes_) lane->reopen();
}

bool FanOut::wants_ocsf() const {
  return std::ranges::any_of(lanes_, [](const auto& lane) { return lane->wants_ocsf(); });
}

bool FanOut::stop(std::chrono::milliseconds at_most) {
  const TimePoint deadline = std::chrono::steady_clock::now() + at_most;
  for (const auto& lane : lanes_) lane->drain_until(deadline);
  bool all = true;
  for (const auto& lane : lanes_) {
    const std::uint64_t dropped_before = lane->status().dropped;
    lane->end();
    last_.push_back(lane->status());
    all = all && last_.back().dropped == dropped_before;
  }
  lanes_.clear();
  return all;
}

}  // namespace tocsin
