// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "alert/alert_id.hpp"
#include "base/clock.hpp"
#include "base/event_loop.hpp"
#include "base/result.hpp"
#include "fleet/alert_order.hpp"
#include "fleet/connection.hpp"
#include "fleet/host_watch.hpp"
#include "fleet/stream_reader.hpp"
#include "fleet/subjects.hpp"

namespace tocsin::fleet {

struct WatchOptions {
  std::optional<WallNs> since_ns;         // alerts stored since then; else those that come
  std::optional<std::uint64_t> sequence;  // or from this one of the stream on
};

// All hosts' alerts at the centre: folded, each host's in its order, and an alert of the centre's
// own for a host that falls silent or returns. Loop's thread only.
class Watch {
 public:
  // An alert: its JSON with tocsin.fleet {site, host} added. The host is whose subject it came on,
  // whatever the alert says.
  using OnAlert = std::function<void(const nlohmann::json&)>;

  static Result<std::unique_ptr<Watch>> start(EventLoop& loop, Connection& connection,
                                              const Subjects& subjects, WatchOptions options);
  void on_alert(OnAlert listener) { listener_ = std::move(listener); }
  // What was told up to here need not be read again: the next sequence of the stream.
  [[nodiscard]] std::uint64_t resume_from() const;

  struct Counts {
    std::uint64_t told = 0;
    std::uint64_t strange = 0;     // no alert of a host: dropped
    std::uint64_t duplicates = 0;  // folded
    std::uint64_t missing = 0;     // numbers that never came
  };
  [[nodiscard]] Counts counts() const;

 private:
  Watch(const Subjects& subjects) : subjects_(subjects) {}
  void take(Message message);
  void take_beat(const Message& message);
  void tell(const std::string& host, const Message& message);
  void second();
  void tell_change(const HostWatch::Change& change);

  Subjects subjects_;
  SystemClock clock_;
  OnAlert listener_;
  AlertIdSource ids_;
  std::map<std::string, HostOrder> hosts_;  // at most kFleetHostsMax
  HostWatch watch_;
  bool beats_known_ = false;  // a round has passed: what was stored has been read
  std::uint64_t told_ = 0, strange_ = 0, last_sequence_ = 0;
  std::unique_ptr<StreamReader> alerts_, beats_;
  EventLoop::Source timer_;
};

}  // namespace tocsin::fleet
