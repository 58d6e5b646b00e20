// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "capture/recording.hpp"

namespace tocsin {

// Where a recording stopped being readable.
struct RecordingDamage {
  std::uint64_t offset = 0;      // of the frame that is wrong
  std::uint64_t bytes_left = 0;  // from there to the end of the file
  std::string reason;
};

// Reads frames one after another from hostile bytes, in constant memory.
class RecordingReader {
 public:
  struct Frame {
    recording::FrameType type{};
    std::span<const std::byte> payload;  // until the next call
    std::uint64_t offset = 0;            // of the frame in the file
  };

  // A regular file. The error names file and reason when it is not a recording we can read.
  static Result<RecordingReader> open(const std::string& path);
  // bytes must outlive the reader.
  static Result<RecordingReader> from_bytes(std::span<const std::byte> bytes);
  // Whether the first bytes of a file are those of a recording.
  static bool looks_like_one(std::span<const std::byte> first_bytes);

  // nullopt at the end; the end is sound unless damage() is set. Frames of unknown type are
  // skipped.
  std::optional<Frame> next();

  [[nodiscard]] const std::optional<RecordingDamage>& damage() const { return damage_; }
  [[nodiscard]] WallNs boot_epoch_ns() const { return boot_epoch_ns_; }  // of the header
  [[nodiscard]] std::uint64_t bytes_read() const { return offset_; }
  [[nodiscard]] std::uint64_t skipped_frames() const { return skipped_; }

 private:
  // Fills the span as far as the input goes, returns how far; short means the end.
  using Read = std::move_only_function<Result<std::size_t>(std::span<std::byte>)>;

  RecordingReader(Read read, std::uint64_t size) : read_(std::move(read)), size_(size) {}
  Result<void> read_header();
  std::optional<Frame> stop(std::string reason);

  Read read_;
  std::uint64_t size_;
  std::uint64_t offset_ = 0;  // of the next frame
  std::uint64_t skipped_ = 0;
  WallNs boot_epoch_ns_ = 0;
  std::vector<std::byte> payload_;
  std::optional<RecordingDamage> damage_;
  bool ended_ = false;
};

}  // namespace tocsin
