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
#include "fleet/seen_alerts.hpp"
#include "fleet/stream_reader.hpp"
#include "fleet/subjects.hpp"

namespace tocsin::fleet {

struct WatchOptions {
  std::optional<WallNs> since_ns;         // alerts stored since then; else those that come
  std::optional<std::uint64_t> sequence;  // or from this one of the stream on
  // So long without sight of the beats: an alert of its own.
  BootNs blind_ns = 30ULL * kNsPerSecond;
  // Hosts find a broker again after a while (kReconnectMostMs): so long nobody is called silent.
  HostWatch::Boot grace_ns = 90 * kNsPerSecond;
};

// All hosts' alerts at the centre: folded, each host's in its order, and an alert of the centre's
// own for a host that falls silent or returns, and for alerts that the broker has no more. While
// the centre itself sees no beats, its link or the broker being away, no host is called silent: it
// says that of itself, once. Loop's thread only.
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
    std::uint64_t duplicates = 0;  // folded, by number or by the alert's own id
    std::uint64_t missing = 0;     // numbers that never came
  };
  [[nodiscard]] Counts counts() const;

 private:
  Watch(const Connection& connection, const Subjects& subjects, const WatchOptions& options)
      : connection_(connection), subjects_(subjects), options_(options) {}
  void take(Message message);
  void take_beat(const Message& message);
  void take_break(const StreamBreak& what);
  [[nodiscard]] HostWatch::Heard now() const;
  void tell(const std::string& host, const Message& message);
  void second();
  void look_at_hosts();
  struct OwnAlert {
    std::string code, host, text;
    bool good = false;
  };
  [[nodiscard]] nlohmann::json own_alert(const OwnAlert& what);
  void tell_change(const HostWatch::Change& change);
  void tell_sight(bool sees);

  const Connection& connection_;
  Subjects subjects_;
  WatchOptions options_;
  SystemClock clock_;
  OnAlert listener_;
  AlertIdSource ids_;
  std::map<std::string, HostOrder> hosts_;  // at most kFleetHostsMax
  SeenAlerts seen_;
  HostWatch watch_;
  std::optional<BootNs> blind_since_ns_;  // absent: the beats are seen
  bool blind_told_ = false;
  std::uint64_t told_ = 0, strange_ = 0, last_sequence_ = 0;
  std::unique_ptr<StreamReader> alerts_, beats_;
  EventLoop::Source timer_;
};

}  // namespace tocsin::fleet
