// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <signal.h>

#include <stop_token>
#include <thread>

namespace tocsin::cli {

// While it lives, the first Ctrl-C is only noted, so that what was found so far can be told; the
// second ends the program at once. One at a time, on the main thread.
class Interrupt {
 public:
  Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;
  ~Interrupt();
  [[nodiscard]] bool asked() const;

 private:
  struct sigaction before_ {};
};

// Asks work to stop that takes a stop token and tells nothing meanwhile: soon after Ctrl-C.
class StopOnInterrupt {
 public:
  explicit StopOnInterrupt(const Interrupt& interrupt);
  [[nodiscard]] std::stop_token token() const { return stop_.get_token(); }

 private:
  std::stop_source stop_;
  std::jthread watcher_;
};

}  // namespace tocsin::cli
