// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/byte_writer.hpp"
#include "base/clock.hpp"
#include "base/event_loop.hpp"
#include "base/fd.hpp"
#include "base/process_id.hpp"
#include "base/result.hpp"
#include "proof/canary_report.hpp"

namespace tocsin {

// Which process a canary is, also after it has ended and its pid belongs to somebody else: it
// started between these two times.
struct CanaryIdentity {
  pid_t pid = 0;
  BootNs from = 0, to = 0;
  [[nodiscard]] bool is(ProcessId process) const {
    return pid != 0 && process.pid == static_cast<std::uint32_t>(pid) && process.start_ns >= from &&
           process.start_ns <= to;
  }
};

// Where tocsin-canary and its script are: beside this program, or at the install place.
struct CanaryFiles {
  std::string program, marker;
};
Result<CanaryFiles> find_canary();

// One running canary: started without a shell, with no descriptor but its own three, in a process
// group of its own; read and reaped by the loop. Destroying it kills it. Loop thread only.
class CanaryProcess {
 public:
  struct Task {
    std::string nonce;
    std::vector<CanaryAction> actions;
    ByteVector tls_hello, quic_hello;
  };
  struct End {
    std::string how;    // "ended well", "was killed by signal 9", …
    bool well = false;  // by itself, with exit code 0
    std::uint64_t cpu_ns = 0;
  };
  struct Callbacks {
    std::function<void(const CanaryReport&)> on_report;
    std::function<void(const End&)> on_end;  // last; may destroy the object
  };

  static Result<std::unique_ptr<CanaryProcess>> start(EventLoop& loop, const Clock& clock,
                                                      const Task& task, Callbacks callbacks);
  CanaryProcess(const CanaryProcess&) = delete;
  CanaryProcess& operator=(const CanaryProcess&) = delete;
  ~CanaryProcess();

  [[nodiscard]] const CanaryIdentity& identity() const { return identity_; }
  void kill();

 private:
  explicit CanaryProcess(Callbacks callbacks) : callbacks_(std::move(callbacks)) {}
  Result<void> spawn(const Clock& clock, const Task& task);
  void read_report();
  void reap();

  Callbacks callbacks_;
  CanaryIdentity identity_;
  Fd report_, pidfd_;
  std::string unread_;          // a line that has not ended yet
  std::size_t read_bytes_ = 0;  // so far
  EventLoop::Source report_source_, end_source_;
};

}  // namespace tocsin
