// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "sink/sink.hpp"

namespace tocsin {

// The journal's fields of an alert, "NAME=value" each; values may hold any bytes.
std::vector<std::string> journal_fields(const RenderedAlert& alert);

// Alerts in the systemd journal with native fields. A host without journald is a state, not an
// error: its records are counted as not taken.
class JournalSink final : public Sink {
 public:
  [[nodiscard]] std::string_view name() const override { return "journald"; }
  Result<Written> write(const RenderedAlert& alert, const std::stop_token& stop) override;
  [[nodiscard]] SinkHealth health() const override;

 private:
  mutable std::mutex mutex_;
  SinkHealth health_;  // under mutex_
};

}  // namespace tocsin
