// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "cli/interrupt.hpp"

#include <chrono>

namespace tocsin::cli {
namespace {

constexpr std::chrono::milliseconds kLookEvery{50};

// A signal handler reaches nothing else.
volatile sig_atomic_t interrupted = 0;

void note(int) {
  interrupted = 1;
}

}  // namespace

Interrupt::Interrupt() {
  interrupted = 0;
  struct sigaction action {};
  action.sa_handler = note;
  action.sa_flags = static_cast<int>(SA_RESETHAND);  // the second one is not ours
  sigaction(SIGINT, &action, &before_);
}

Interrupt::~Interrupt() {
  sigaction(SIGINT, &before_, nullptr);
}

bool Interrupt::asked() const {
  return interrupted != 0;
}

StopOnInterrupt::StopOnInterrupt(const Interrupt& interrupt)
    : watcher_([&interrupt, stop = stop_](const std::stop_token& ended) mutable {
        while (!ended.stop_requested() && !interrupt.asked())
          std::this_thread::sleep_for(kLookEvery);
        if (interrupt.asked()) stop.request_stop();
      }) {}

}  // namespace tocsin::cli
