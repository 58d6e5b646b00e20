// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>

#include "base/fd.hpp"
#include "sink/record_writer.hpp"
#include "sink/sink.hpp"

namespace tocsin {

enum class FileForm : std::uint8_t { kEcs, kOcsf };  // RenderedAlert::json, RenderedAlert::ocsf

struct FileSinkOptions {
  std::string path;
  FileForm form = FileForm::kEcs;
  std::uint64_t max_bytes = 100 * 1024 * 1024;  // 0: no rotation
  std::uint64_t keep = 5;                       // path.1 (newest) … path.N
};

// Alerts as JSON lines, appended to a file (mode 0640), rotated before it grows over max_bytes. A
// file that somebody moved or removed is noticed before the next record and made anew. A record is
// never split over two files. Every failure is told by health() until a write succeeds.
class FileSink final : public Sink {
 public:
  explicit FileSink(FileSinkOptions options) : options_(std::move(options)) {}
  [[nodiscard]] std::string_view name() const override { return "file"; }
  Result<Written> write(const RenderedAlert& alert, const std::stop_token& stop) override;
  Result<void> flush() override;
  void reopen() override { reopen_ = true; }
  [[nodiscard]] bool wants_ocsf() const override { return options_.form == FileForm::kOcsf; }
  [[nodiscard]] SinkHealth health() const override;

 private:
  Result<void> append(const std::string& line, const std::stop_token& stop);
  Result<void> ensure_open();
  Result<void> open();
  [[nodiscard]] bool still_there() const;
  // A failure leaves the current file in use: a large file is better than a lost alert.
  Result<void> rotate();
  void set_health(SinkState state, std::string detail);

  FileSinkOptions options_;
  Fd fd_;
  std::uint64_t size_ = 0;
  bool regular_ = false;
  RecordWriter writer_{SIZE_MAX};  // a whole line at once; the descriptor never blocks
  std::string rotate_trouble_;
  std::atomic<bool> reopen_ = false;
  mutable std::mutex mutex_;
  SinkHealth health_;  // under mutex_
};

}  // namespace tocsin
