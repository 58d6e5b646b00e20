// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <limits.h>

#include <mutex>
#include <string>

#include "sink/record_writer.hpp"
#include "sink/sink.hpp"

namespace tocsin {

enum class TextForm : std::uint8_t { kHuman, kJson };

// Alerts on an open descriptor that is not ours to close or to change: the standard output.
class StdoutSink final : public Sink {
 public:
  explicit StdoutSink(TextForm form, int fd = 1) : form_(form), fd_(fd) {}
  [[nodiscard]] std::string_view name() const override { return "stdout"; }
  Result<Written> write(const RenderedAlert& alert, const std::stop_token& stop) override;
  [[nodiscard]] SinkHealth health() const override;

 private:
  TextForm form_;
  int fd_;
  RecordWriter writer_{PIPE_BUF};
  mutable std::mutex mutex_;
  SinkHealth health_;  // under mutex_
};

}  // namespace tocsin
