// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <signal.h>

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

}  // namespace tocsin::cli
