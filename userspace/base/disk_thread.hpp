// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <chrono>
#include <functional>
#include <memory>

namespace tocsin {

// A thread that works when it is poked and after every period, and that can be left behind when the
// kernel holds it in a call to a disk that hangs. Work must own all it uses, for it may outlive
// everything else.
class DiskThread {
 public:
  // last: the thread ends after this call.
  using Work = std::move_only_function<void(bool last)>;

  DiskThread(Work work, std::chrono::milliseconds period);
  DiskThread(const DiskThread&) = delete;
  DiskThread& operator=(const DiskThread&) = delete;
  // As stop(0).
  ~DiskThread();

  void poke();  // from any thread, also after the end
  // Works a last time. False: it did not come back in time and was left behind.
  bool stop(std::chrono::milliseconds at_most);

 private:
  struct State;
  std::shared_ptr<State> state_;
  bool stopped_ = false;  // the owner's
};

}  // namespace tocsin
