// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <string>

#include "base/fd.hpp"
#include "support/temp_dir.hpp"

namespace tocsin::test {

// Stands where systemd's end of sd_notify() is: a real socket that this process and the children
// that it starts are told of, in the environment, until it is destroyed.
class NotifySocket {
 public:
  // watchdog_s: how long they may be silent (WatchdogSec=); 0: nobody waits for them.
  explicit NotifySocket(std::uint64_t watchdog_s);
  ~NotifySocket();
  NotifySocket(const NotifySocket&) = delete;
  NotifySocket& operator=(const NotifySocket&) = delete;

  // The oldest message that was not taken yet ("WATCHDOG=1"); empty: none waits. They must be
  // taken: the socket holds some ten, and whoever sends the next one waits.
  [[nodiscard]] std::string take() const;

 private:
  TempDir dir_;
  Fd socket_;
};

}  // namespace tocsin::test
