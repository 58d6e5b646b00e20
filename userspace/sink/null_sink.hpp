// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include "sink/sink.hpp"

namespace tocsin {

// Takes everything and writes nothing: measures the way up to the sinks.
class NullSink final : public Sink {
 public:
  [[nodiscard]] std::string_view name() const override { return "null"; }
  Result<Written> write(const RenderedAlert&, const std::stop_token&) override {
    return Written::kDelivered;
  }
};

}  // namespace tocsin
