// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <sys/socket.h>

#include <cstdint>

namespace tocsin::canary {

// A submission queue of one entry, by raw system calls.
class Uring {
 public:
  Uring() = default;
  Uring(const Uring&) = delete;
  Uring& operator=(const Uring&) = delete;
  ~Uring();

  // Null, or the name of the system call that failed (errno says why).
  const char* open();
  // Connects by a worker thread of the kernel. 0, the connect's own error, or -1 with errno when
  // the ring does not work.
  int connect(int fd, const sockaddr* to, socklen_t length);

 private:
  struct Area {
    void* at = nullptr;
    std::size_t size = 0;
  };
  bool map(Area& area, std::size_t size, std::int64_t what);
  static unsigned* word(const Area& area, unsigned offset);

  int fd_ = -1;
  Area submission_, completion_, entries_;
  unsigned array_ = 0, submission_tail_ = 0, completion_tail_ = 0, completions_ = 0;
};

}  // namespace tocsin::canary
