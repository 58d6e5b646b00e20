// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "sink/file_sink.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <utility>

namespace tocsin {
namespace {

constexpr mode_t kMode = 0640;

std::string numbered(const std::string& path, std::uint64_t n) {
  return fmt::format("{}.{}", path, n);
}

}  // namespace

Result<Written> FileSink::write(const RenderedAlert& alert, const std::stop_token& stop) {
  const auto& line = options_.form == FileForm::kOcsf ? alert.ocsf : alert.json;
  auto appended = append(line + '\n', stop);
  if (!appended) {
    Error error = std::move(appended).error().with_context(options_.path);
    set_health(SinkState::kFailing, error.message);
    return std::unexpected(std::move(error));
  }
  // Written, but the file grows over its limit: worth a word, not a repeat.
  set_health(rotate_trouble_.empty() ? SinkState::kOk : SinkState::kFailing, rotate_trouble_);
  return Written::kDelivered;
}

Result<void> FileSink::append(const std::string& line, const std::stop_token& stop) {
  TOCSIN_TRY_VOID(ensure_open());
  const bool fresh = writer_.offset() == 0;
  if (fresh && regular_ && options_.max_bytes != 0 && size_ > 0 &&
      size_ + line.size() > options_.max_bytes) {
    auto rotated = rotate();
    rotate_trouble_ = rotated ? std::string{} : rotated.error().message;
    TOCSIN_TRY_VOID(ensure_open());
  }
  const std::size_t before = writer_.offset();
  auto written = writer_.write(fd_.get(), line, stop);
  size_ += (written ? line.size() : writer_.offset()) - before;
  return written;
}

Result<void> FileSink::ensure_open() {
  const bool asked = reopen_.exchange(false);
  if (fd_ && (asked || !still_there())) fd_.reset();
  if (fd_) return {};
  writer_.restart();
  return open();
}

Result<void> FileSink::open() {
  // Without O_NONBLOCK a FIFO without a reader would hold this thread for good.
  const int flags = O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
  Fd fd(::open(options_.path.c_str(), flags | O_WRONLY, kMode));
  if (!fd) return fail_errno("open", errno);
  struct stat st {};
  if (::fstat(fd.get(), &st) != 0) return fail_errno("fstat", errno);
  regular_ = S_ISREG(st.st_mode);
  size_ = regular_ ? static_cast<std::uint64_t>(st.st_size) : 0;
  // The last run may have died within a record: end its line, so that only that one is broken.
  if (regular_ && size_ > 0) {
    const Fd reader(::open(options_.path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
    char last = '\n';
    if (reader && ::pread(reader.get(), &last, 1, st.st_size - 1) == 1 && last != '\n') {
      if (::write(fd.get(), "\n", 1) != 1) return fail_errno("write", errno);
      ++size_;
    }
  }
  fd_ = std::move(fd);
  return {};
}

bool FileSink::still_there() const {
  struct stat ours {};
  struct stat named {};
  return ::fstat(fd_.get(), &ours) == 0 && ::stat(options_.path.c_str(), &named) == 0 &&
         ours.st_dev == named.st_dev && ours.st_ino == named.st_ino;
}

Result<void> FileSink::rotate() {
  const std::string& path = options_.path;
  if (options_.keep == 0) {
    if (::unlink(path.c_str()) != 0) return fail_errno("rotating: unlink", errno);
  }
  for (std::uint64_t n = options_.keep; n > 0; --n) {
    const std::string from = n == 1 ? path : numbered(path, n - 1);
    if (::rename(from.c_str(), numbered(path, n).c_str()) != 0 && (errno != ENOENT || n == 1))
      return fail_errno(fmt::format("rotating: rename {}", from), errno);
  }
  (void)::fdatasync(fd_.get());  // what was rotated away is not flushed any more
  fd_.reset();
  return {};
}

Result<void> FileSink::flush() {
  if (!fd_ || !regular_) return {};
  if (::fdatasync(fd_.get()) == 0) return {};
  const int error = errno;
  set_health(SinkState::kFailing, fmt::format("{}: fdatasync failed", options_.path));
  return fail_errno(fmt::format("{}: fdatasync", options_.path), error);
}

SinkHealth FileSink::health() const {
  const std::lock_guard lock(mutex_);
  return health_;
}

void FileSink::set_health(SinkState state, std::string detail) {
  const std::lock_guard lock(mutex_);
  health_ = {state, std::move(detail)};
}

}  // namespace tocsin
