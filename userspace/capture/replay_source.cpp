// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "capture/replay_source.hpp"

#include <cstring>
#include <utility>

namespace tocsin {

ReplaySource::ReplaySource(RecordingReader reader, Callbacks callbacks)
    : reader_(std::move(reader)),
      callbacks_(std::move(callbacks)),
      boot_epoch_ns_(reader_.boot_epoch_ns()) {}

Result<std::unique_ptr<ReplaySource>> ReplaySource::open(const std::string& path,
                                                         Callbacks callbacks) {
  TOCSIN_TRY(RecordingReader reader, RecordingReader::open(path));
  return std::unique_ptr<ReplaySource>(new ReplaySource(std::move(reader), std::move(callbacks)));
}

Result<std::unique_ptr<ReplaySource>> ReplaySource::from_bytes(std::span<const std::byte> bytes,
                                                               Callbacks callbacks) {
  TOCSIN_TRY(RecordingReader reader, RecordingReader::from_bytes(bytes));
  return std::unique_ptr<ReplaySource>(new ReplaySource(std::move(reader), std::move(callbacks)));
}

Result<std::size_t> ReplaySource::consume(std::size_t budget, WireSink& sink) {
  std::size_t frames = 0;
  while (frames < budget) {
    const auto frame = reader_.next();
    if (!frame) break;
    ++frames;
    const std::string_view text(reinterpret_cast<const char*>(frame->payload.data()),
                                frame->payload.size());
    switch (frame->type) {
      case recording::FrameType::kWireEvent:
        ++summary_.events;
        sink(frame->payload);
        break;
      case recording::FrameType::kDigest:
        ++summary_.digests;
        if (callbacks_.on_digest) callbacks_.on_digest(text);
        break;
      case recording::FrameType::kFact:
        ++summary_.facts;
        if (callbacks_.on_fact) callbacks_.on_fact(text);
        break;
      case recording::FrameType::kEpoch:
        // Another size is none of ours; the frame was whole, so it is no damage either.
        if (frame->payload.size() != sizeof boot_epoch_ns_) break;
        std::memcpy(&boot_epoch_ns_, frame->payload.data(), sizeof boot_epoch_ns_);
        if (callbacks_.on_epoch) callbacks_.on_epoch(boot_epoch_ns_);
        break;
    }
  }
  return frames;
}

// Nothing is lost on the way from a file; what was lost while recording stands in side facts.
CaptureCounters ReplaySource::counters() const {
  return {};
}

ReplaySummary ReplaySource::summary() const {
  ReplaySummary s = summary_;
  s.skipped_frames = reader_.skipped_frames();
  s.bytes = reader_.bytes_read();
  s.damage = reader_.damage();
  return s;
}

}  // namespace tocsin
