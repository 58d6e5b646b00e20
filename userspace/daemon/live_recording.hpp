// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "capture/recorder.hpp"
#include "control/backend.hpp"
#include "daemon/digest_json.hpp"

namespace tocsin {

// A recording of what the daemon sees now, written by a thread of its own: a slow disk costs the
// recording frames (counted), never the daemon time. The state thread calls everything.
class LiveRecording final : public control::Recording {
 public:
  // Frames that wait for the disk, bytes; more are lost to the recording and counted.
  static constexpr std::size_t kWaitingBytesMax = 32 * 1024 * 1024;

  // *slot points to the recording while it lives.
  static Result<std::unique_ptr<LiveRecording>> start(Fd file, WallNs boot_epoch_ns,
                                                      LiveRecording** slot);
  ~LiveRecording() override;
  LiveRecording(const LiveRecording&) = delete;
  LiveRecording& operator=(const LiveRecording&) = delete;

  void on_wire(std::span<const std::byte> event);
  void on_digest(const RecordedDigest& digest);
  void on_fact(std::string json);

  Result<nlohmann::json> finish() override;

 private:
  struct Frame {
    recording::FrameType type;
    std::vector<std::byte> bytes;
  };

  LiveRecording(Recorder recorder, LiveRecording** slot);
  void push(recording::FrameType type, std::span<const std::byte> bytes);
  void write_until(std::stop_token stop);
  Result<void> write_one(const Frame& frame);

  LiveRecording** slot_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::deque<Frame> waiting_;            // under mutex_
  std::size_t waiting_bytes_ = 0;        // under mutex_
  std::string error_;                    // under mutex_; the first failed write
  std::uint64_t events_ = 0, lost_ = 0;  // state thread
  Recorder recorder_;                    // writer thread, and finish() after it has ended
  std::jthread writer_;
};

}  // namespace tocsin
