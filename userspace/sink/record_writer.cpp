// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "sink/record_writer.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace tocsin {
namespace {

// How often a writer that waits looks whether it should stop.
constexpr int kStopPollMs = 50;

}  // namespace

Result<void> RecordWriter::write(int fd, std::string_view record, const std::stop_token& stop) {
  while (offset_ < record.size()) {
    pollfd ready{.fd = fd, .events = POLLOUT, .revents = 0};
    const int polled = ::poll(&ready, 1, kStopPollMs);
    if (polled < 0 && errno != EINTR) return fail_errno("waiting to write", errno);
    if (polled <= 0) {
      if (stop.stop_requested()) return fail(ErrorCode::kBusy, "the reader does not read");
      continue;
    }
    const std::size_t piece = std::min(record.size() - offset_, piece_max_);
    const ssize_t n = ::write(fd, record.data() + offset_, piece);
    if (n > 0) offset_ += static_cast<std::size_t>(n);
    if (n < 0 && errno != EINTR && errno != EAGAIN) return fail_errno("write", errno);
    if (n == 0) return fail(ErrorCode::kIo, "write: nothing was taken");
  }
  offset_ = 0;
  return {};
}

}  // namespace tocsin
