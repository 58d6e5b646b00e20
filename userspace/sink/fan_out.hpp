// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "alert/rendered_alert.hpp"
#include "base/limits.hpp"
#include "sink/sink.hpp"

namespace tocsin {

// What became of the alerts given to one sink: given = delivered + absent + dropped + queued.
struct SinkStatus {
  std::string name;
  SinkHealth health;
  std::uint64_t delivered = 0;
  std::uint64_t absent = 0;   // the sink has nothing to write to on this host
  std::uint64_t dropped = 0;  // the queue was full, or time ran out at the stop
  std::uint64_t errors = 0;   // failed writes; each was tried again
  std::size_t queued = 0;     // waiting, the one being written included
};

struct FanOutOptions {
  // Per sink, in records and in bytes of text; full: the oldest is dropped.
  std::size_t queue_max = limits::kSinkQueueMax;
  std::size_t queue_bytes_max = limits::kSinkQueueBytesMax;
  // A failed write is tried again after retry_first, then after twice as long each time.
  std::chrono::milliseconds retry_first{100};
  std::chrono::milliseconds retry_most{5000};
  // One record on its way for longer than this makes the sink's health "failing".
  std::chrono::milliseconds stuck_after{2000};
};

// Carries every alert to every sink, each on a thread and behind a queue of its own: a sink that is
// stuck loses its own copies only, and its counters say so. add, publish, status, reopen and stop
// belong to one thread; none of them but stop waits for a sink.
class FanOut {
 public:
  explicit FanOut(FanOutOptions options = {}) : options_(options) {}
  FanOut(const FanOut&) = delete;
  FanOut& operator=(const FanOut&) = delete;
  // As stop(0): what is still queued is lost.
  ~FanOut();

  void add(std::unique_ptr<Sink> sink);
  void publish(const std::shared_ptr<const RenderedAlert>& alert);
  [[nodiscard]] std::vector<SinkStatus> status() const;
  // Tells every sink that its file was moved away.
  void reopen();
  // Whether a sink wants alerts as OCSF, too.
  [[nodiscard]] bool wants_ocsf() const;
  // Lets the sinks empty their queues for at most the time given; what is left is counted as
  // dropped. A thread that the kernel holds in a write is left behind. True: nothing was left.
  // status() keeps telling the final counters.
  bool stop(std::chrono::milliseconds at_most);

 private:
  class Lane;
  FanOutOptions options_;
  std::vector<std::shared_ptr<Lane>> lanes_;
  std::vector<SinkStatus> last_;  // of the sinks that were stopped
};

}  // namespace tocsin
