// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "fleet/connection.hpp"

namespace tocsin::fleet {

// Messages for streams, many on their way at once. Keeps nothing: what did not arrive is told, and
// is the caller's to send again. Loop's thread only.
class Publisher {
 public:
  struct Outcome {
    std::int64_t tag = 0;  // as given to publish()
    // As many servers as the stream keeps copies have written it, which is not yet on their disks:
    // they sync now and then only (docs/fleet.md).
    bool stored = false;
    bool duplicate = false;  // it had it already
    std::string why = {};    // not stored: for people
  };
  using OnOutcome = std::function<void(const Outcome&)>;

  // on_outcome: once for each message, in no particular order; at the latest kAckWait after it.
  static Result<std::unique_ptr<Publisher>> open(Connection& connection, OnOutcome on_outcome);
  ~Publisher();
  Publisher(const Publisher&) = delete;
  Publisher& operator=(const Publisher&) = delete;

  // id: of the message, for the stream to know it again. An error: nothing was sent, and there is
  // no outcome.
  Result<void> publish(std::int64_t tag, const std::string& subject, std::string_view data,
                       const std::string& id);
  [[nodiscard]] std::size_t in_flight() const;

 private:
  struct Impl;
  explicit Publisher(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<Impl> impl_;
};

}  // namespace tocsin::fleet
