// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/fd.hpp"
#include "base/result.hpp"
#include "capture/recording.hpp"

namespace tocsin {

// Writes a recording (docs/recording-format.md). Buffered: call flush() now and then; the
// destructor flushes too, but cannot report.
class Recorder {
 public:
  struct Options {
    WallNs boot_epoch_ns = 0;
    std::uint64_t bytes_max = UINT64_MAX;  // of the file; a frame that would pass it fails (kLimit)
  };

  // Replaces the file, readable by the owner only; does not follow a symbolic link.
  static Result<Recorder> create(const std::string& path, const Options& options);
  // Writes into an empty file that somebody else opened.
  static Result<Recorder> adopt(Fd fd, const Options& options);
  Recorder(Recorder&&) noexcept = default;
  Recorder& operator=(Recorder&&) = delete;
  ~Recorder();

  Result<void> write_event(std::span<const std::byte> wire_event);
  // JSON text, checked by nobody here.
  Result<void> write_digest(std::string_view json);
  Result<void> write_fact(std::string_view json);
  Result<void> write_epoch(WallNs boot_epoch_ns);
  Result<void> flush();

  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }  // so far, with what is buffered
  [[nodiscard]] std::uint64_t frames() const { return frames_; }

 private:
  Recorder(Fd fd, const Options& options) : fd_(std::move(fd)), bytes_max_(options.bytes_max) {}
  Result<void> write_frame(recording::FrameType type, std::span<const std::byte> payload);
  void append(std::span<const std::byte> bytes);

  Fd fd_;
  std::uint64_t bytes_max_;
  std::uint64_t bytes_ = 0;
  std::uint64_t frames_ = 0;
  std::vector<std::byte> buffer_;
};

}  // namespace tocsin
