// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "canary/uring.hpp"

#include <linux/io_uring.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <initializer_list>

namespace tocsin::canary {

Uring::~Uring() {
  for (const Area& area : {submission_, completion_, entries_})
    if (area.at != nullptr) munmap(area.at, area.size);
  if (fd_ >= 0) close(fd_);
}

bool Uring::map(Area& area, std::size_t size, std::int64_t what) {
  void* at = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd_, what);
  if (at == MAP_FAILED) return false;
  area = {at, size};
  return true;
}

unsigned* Uring::word(const Area& area, unsigned offset) {
  return static_cast<unsigned*>(static_cast<void*>(static_cast<char*>(area.at) + offset));
}

const char* Uring::open() {
  io_uring_params params{};
  fd_ = static_cast<int>(syscall(SYS_io_uring_setup, 1, &params));
  if (fd_ < 0) return "io_uring_setup";
  array_ = params.sq_off.array;
  submission_tail_ = params.sq_off.tail;
  completion_tail_ = params.cq_off.tail;
  completions_ = params.cq_off.cqes;
  const bool mapped =
      map(submission_, array_ + params.sq_entries * sizeof(unsigned), IORING_OFF_SQ_RING) &&
      map(completion_, completions_ + params.cq_entries * sizeof(io_uring_cqe),
          IORING_OFF_CQ_RING) &&
      map(entries_, params.sq_entries * sizeof(io_uring_sqe), IORING_OFF_SQES);
  return mapped ? nullptr : "mapping the io_uring";
}

int Uring::connect(int fd, const sockaddr* to, socklen_t length) {
  auto* entry = static_cast<io_uring_sqe*>(entries_.at);
  *entry = {};
  entry->opcode = IORING_OP_CONNECT;
  entry->flags = IOSQE_ASYNC;
  entry->fd = fd;
  entry->addr = reinterpret_cast<std::uintptr_t>(to);
  entry->off = length;
  *word(submission_, array_) = 0;
  __atomic_store_n(word(submission_, submission_tail_), 1, __ATOMIC_RELEASE);
  if (syscall(SYS_io_uring_enter, fd_, 1, 1, IORING_ENTER_GETEVENTS, nullptr, 0) != 1) return -1;
  if (__atomic_load_n(word(completion_, completion_tail_), __ATOMIC_ACQUIRE) == 0) {
    errno = EINTR;
    return -1;
  }
  const void* done = static_cast<const char*>(completion_.at) + completions_;
  return -static_cast<const io_uring_cqe*>(done)->res;
}

}  // namespace tocsin::canary
