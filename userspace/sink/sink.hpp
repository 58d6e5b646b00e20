// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <string_view>

#include "alert/rendered_alert.hpp"
#include "base/result.hpp"

namespace tocsin {

enum class SinkState : std::uint8_t {
  kOk,
  kFailing,  // the last write failed and is tried again
  kAbsent,   // what it writes to is not on this host (no journald): nothing is wrong
};

std::string_view to_string(SinkState state);  // "ok", "failing", "absent"

struct SinkHealth {
  SinkState state = SinkState::kOk;
  std::string detail;  // for people: the error, since when
};

enum class Written : std::uint8_t {
  kDelivered,
  kAbsent,  // there is nothing to deliver to, and that is no error
};

// Takes alerts to one place. write() and flush() run on the sink's own thread; health() and
// reopen() may be called from any.
class Sink {
 public:
  virtual ~Sink() = default;
  [[nodiscard]] virtual std::string_view name() const = 0;  // "file", "journald", …
  // Delivers the whole record or fails. After a failure the caller gives the same record again: a
  // record that was half written is continued, not repeated. Waiting ends when stop is requested.
  virtual Result<Written> write(const RenderedAlert& alert, const std::stop_token& stop) = 0;
  // It writes RenderedAlert::ocsf, which is only made when somebody does.
  [[nodiscard]] virtual bool wants_ocsf() const { return false; }
  // Makes what was written survive a crash of the host.
  virtual Result<void> flush() { return {}; }
  // Opens its file anew before the next record, after somebody moved it away.
  virtual void reopen() {}
  [[nodiscard]] virtual SinkHealth health() const { return {}; }
};

}  // namespace tocsin
