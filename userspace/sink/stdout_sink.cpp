// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "sink/stdout_sink.hpp"

namespace tocsin {

Result<Written> StdoutSink::write(const RenderedAlert& alert, const std::stop_token& stop) {
  const std::string record = form_ == TextForm::kHuman ? alert.human : alert.json + '\n';
  auto written = writer_.write(fd_, record, stop);
  const std::lock_guard lock(mutex_);
  if (!written) {
    health_ = {SinkState::kFailing, written.error().message};
    return std::unexpected(std::move(written).error());
  }
  health_ = {};
  return Written::kDelivered;
}

SinkHealth StdoutSink::health() const {
  const std::lock_guard lock(mutex_);
  return health_;
}

}  // namespace tocsin
