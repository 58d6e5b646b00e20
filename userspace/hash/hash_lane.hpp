// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "base/fd.hpp"
#include "base/result.hpp"
#include "hash/hash_job.hpp"

namespace tocsin {

// Where all lanes put their results. fd() becomes readable when there are some.
class HashOutbox {
 public:
  static Result<std::shared_ptr<HashOutbox>> create();
  explicit HashOutbox(Fd event) : event_(std::move(event)) {}

  [[nodiscard]] int fd() const { return event_.get(); }
  void put(HashOutcome outcome);
  [[nodiscard]] std::vector<HashOutcome> take();

 private:
  Fd event_;
  std::mutex mutex_;
  std::vector<HashOutcome> outcomes_;
};

// A queue with one thread that reads files, made when first needed. The smaller file goes first,
// but no file waits for ever: one byte counts as much as one nanosecond of waiting.
//
// A thread that hangs in a read (a dead server, a hostile FUSE process) cannot be woken up. It is
// left behind, with a share in the state that it touches, and another one takes the queue over.
class HashLane {
 public:
  struct Options {
    int niceness = 0;
    std::int64_t stuck_ns = 5'000'000'000;  // without a sign of life, while others wait
    unsigned left_behind_max = 4;           // beyond, the queue waits
    std::int64_t stop_wait_ms = 1'000;      // then a hanging thread is left behind
  };

  HashLane(std::shared_ptr<HashOutbox> outbox, Options options);
  HashLane(const HashLane&) = delete;
  HashLane& operator=(const HashLane&) = delete;
  ~HashLane();  // waits for the thread

  void request_stop();  // nothing may be pushed any more
  void push(HashJob job);
  // Every second or so.
  void replace_if_stuck();
  [[nodiscard]] unsigned left_behind() const { return left_behind_; }

 private:
  struct Queue;
  struct Worker;
  void start_thread();

  std::shared_ptr<HashOutbox> outbox_;
  Options options_;
  std::shared_ptr<Queue> queue_;
  std::shared_ptr<Worker> worker_;
  std::jthread thread_;
  unsigned left_behind_ = 0;
};

}  // namespace tocsin
