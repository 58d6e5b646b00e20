// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "capture/event_source.hpp"
#include "capture/recording_reader.hpp"

namespace tocsin {

// What a replay read, for the report at its end.
struct ReplaySummary {
  std::uint64_t events = 0;
  std::uint64_t digests = 0;
  std::uint64_t facts = 0;
  std::uint64_t skipped_frames = 0;  // of types that this version does not know
  std::uint64_t bytes = 0;
  std::optional<RecordingDamage> damage;
};

// A recording as a source of events: the same door as the kernel's.
class ReplaySource final : public EventSource {
 public:
  // JSON text as recorded, unchecked; called in the order of the file.
  struct Callbacks {
    std::move_only_function<void(std::string_view json)> on_digest;
    std::move_only_function<void(std::string_view json)> on_fact;
    std::move_only_function<void(WallNs boot_epoch_ns)> on_epoch;
  };

  static Result<std::unique_ptr<ReplaySource>> open(const std::string& path, Callbacks callbacks);
  // bytes must outlive the source.
  static Result<std::unique_ptr<ReplaySource>> from_bytes(std::span<const std::byte> bytes,
                                                          Callbacks callbacks);

  [[nodiscard]] int poll_fd() const override { return -1; }
  // Counts frames of every kind; 0 is the end, whole or damaged.
  Result<std::size_t> consume(std::size_t budget, WireSink& sink) override;
  void promise_look(BootNs) override {}
  [[nodiscard]] CaptureCounters counters() const override;

  // Wall time of boot at the point that the replay has reached.
  [[nodiscard]] WallNs boot_epoch_ns() const { return boot_epoch_ns_; }
  [[nodiscard]] ReplaySummary summary() const;

 private:
  ReplaySource(RecordingReader reader, Callbacks callbacks);

  RecordingReader reader_;
  Callbacks callbacks_;
  WallNs boot_epoch_ns_;
  ReplaySummary summary_;
};

}  // namespace tocsin
