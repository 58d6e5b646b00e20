// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "capture/bpf_source.hpp"
#include "capture/pacing.hpp"
#include "event/event.hpp"
#include "support/child.hpp"

// The kernel's events themselves, without a daemon around them.
namespace tocsin::test {

class CaptureWatch {
 public:
  // Throws std::runtime_error when not even the ring can be made.
  explicit CaptureWatch(BpfSource::Options options = {});

  BpfSource& source() { return *source_; }
  // Everything decoded so far, in the order of the ring.
  [[nodiscard]] const std::vector<Event>& events() const { return events_; }
  [[nodiscard]] std::uint64_t undecodable() const { return undecodable_; }
  // Reads for this long, as patient() has it.
  void read_for(Millis time);

  // Reads until an event of type E fits; nullptr after two seconds. Valid until the next read.
  template <typename E>
  const E* wait_for(const std::function<bool(const E&)>& fits) {
    for (Millis waited(0); waited < kLimit; waited += kStep) {
      if (const E* found = find(fits)) return found;
      read_for(kStep);
    }
    return find(fits);
  }
  template <typename E>
  const E* find(const std::function<bool(const E&)>& fits) const {
    for (const Event& event : events_)
      if (const E* e = std::get_if<E>(&event); e && fits(*e)) return e;
    return nullptr;
  }
  template <typename E>
  std::size_t count(const std::function<bool(const E&)>& fits) const {
    std::size_t n = 0;
    for (const Event& event : events_)
      if (const E* e = std::get_if<E>(&event); e && fits(*e)) ++n;
    return n;
  }
  // Of this process id; ids are not reused within a test.
  template <typename E>
  const E* wait_for_pid(pid_t pid) {
    return wait_for<E>([pid](const E& e) { return e.head.process.pid == std::uint32_t(pid); });
  }
  template <typename E>
  std::size_t count_pid(pid_t pid) const {
    return count<E>([pid](const E& e) { return e.head.process.pid == std::uint32_t(pid); });
  }

 private:
  static constexpr Millis kLimit{2'000};
  static constexpr Millis kStep{5};

  std::unique_ptr<BpfSource> source_;
  EventLoop loop_;
  SystemClock clock_;
  std::vector<Event> events_;
  std::uint64_t undecodable_ = 0;
  std::unique_ptr<PacedConsumer> consumer_;
};

// Runs in a child between fork and exec; a false return makes it exit with 126.
using BeforeExec = std::function<bool()>;
// Forks, prepares, executes path (or the descriptor when fd >= 0), and waits for the end.
struct Launch {
  std::string path{};
  int fd = -1;
  std::vector<std::string> argv{};
  BeforeExec prepare{};
};
struct Launched {
  pid_t pid = -1;
  int status = -1;  // as wait(2) gives it
};
Launched launch(const Launch& what);
// The same for code instead of a program: its result is the exit code.
Launched run_forked(const std::function<int()>& code);

}  // namespace tocsin::test
