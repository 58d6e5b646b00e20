// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/live_recording.hpp"

#include <utility>

namespace tocsin {

Result<std::unique_ptr<LiveRecording>> LiveRecording::start(Fd file, WallNs boot_epoch_ns,
                                                            LiveRecording** slot) {
  TOCSIN_TRY(auto recorder, Recorder::adopt(std::move(file), {.boot_epoch_ns = boot_epoch_ns}));
  return std::unique_ptr<LiveRecording>(new LiveRecording(std::move(recorder), slot));
}

LiveRecording::LiveRecording(Recorder recorder, LiveRecording** slot)
    : slot_(slot), recorder_(std::move(recorder)) {
  writer_ = std::jthread([this](std::stop_token stop) { write_until(stop); });
  *slot_ = this;
}

LiveRecording::~LiveRecording() {
  *slot_ = nullptr;
}

void LiveRecording::on_wire(std::span<const std::byte> event) {
  ++events_;
  push(recording::FrameType::kWireEvent, event);
}

void LiveRecording::on_digest(const RecordedDigest& digest) {
  const auto json = digest_to_json(digest);
  push(recording::FrameType::kDigest, std::as_bytes(std::span(json)));
}

void LiveRecording::on_fact(std::string json) {
  push(recording::FrameType::kFact, std::as_bytes(std::span(json)));
}

void LiveRecording::push(recording::FrameType type, std::span<const std::byte> bytes) {
  {
    const std::lock_guard lock(mutex_);
    if (waiting_bytes_ + bytes.size() > kWaitingBytesMax || !error_.empty()) {
      ++lost_;
      return;
    }
    waiting_bytes_ += bytes.size();
    waiting_.push_back({type, {bytes.begin(), bytes.end()}});
    // The writer is woken for a batch, not for each event; finish() wakes it for the rest.
    if (waiting_.size() % 64 != 1) return;
  }
  wake_.notify_one();
}

void LiveRecording::write_until(std::stop_token stop) {
  std::deque<Frame> batch;
  while (true) {
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, stop, [this] { return !waiting_.empty(); });
      if (waiting_.empty()) return;  // stopped, and all is written
      batch.swap(waiting_);
      waiting_bytes_ = 0;
    }
    for (const auto& frame : batch) {
      const auto written = write_one(frame);
      if (written) continue;
      const std::lock_guard lock(mutex_);
      error_ = written.error().message;
      return;
    }
    batch.clear();
  }
}

Result<void> LiveRecording::write_one(const Frame& frame) {
  const std::string_view text(reinterpret_cast<const char*>(frame.bytes.data()),
                              frame.bytes.size());
  switch (frame.type) {
    case recording::FrameType::kDigest:
      return recorder_.write_digest(text);
    case recording::FrameType::kFact:
      return recorder_.write_fact(text);
    default:
      return recorder_.write_event(frame.bytes);
  }
}

Result<nlohmann::json> LiveRecording::finish() {
  writer_.request_stop();
  writer_.join();
  if (!error_.empty()) return fail(ErrorCode::kIo, "the recording is not complete: " + error_);
  TOCSIN_TRY_VOID(recorder_.flush());
  return nlohmann::json{{"events", events_}, {"bytes", recorder_.bytes()}, {"lost", lost_}};
}

}  // namespace tocsin
