// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/database.hpp"
#include "base/result.hpp"
#include "indicators/indicator.hpp"

namespace tocsin::relay {

// An alert on its way to webhooks.
struct SpooledAlert {
  std::int64_t seq = 0;  // given by the spool, in the order of arrival
  std::string id;
  Severity severity = Severity::kInfo;
  std::string json;
  WallNs time_ns = 0;  // of the event; not stored, 0 from next()
};

// Where the relay goes on with the daemon's alerts.
struct SpoolPlace {
  std::string after;  // the alert that was taken last; empty: none yet
  // Where the daemon does not know that one: alerts of this time and later. When taking began,
  // later the newest alert taken less limits::kPlaceMarginNs; never ahead of the clock.
  WallNs since_ns = 0;
};

struct SpoolCounts {
  std::uint64_t waiting = 0;    // alerts that this webhook has not had
  std::uint64_t delivered = 0;  // since it is known, as the rest
  std::uint64_t refused = 0;    // given up because the receiver would not have them
  std::uint64_t dropped = 0;    // went because the spool was full
};

// Alerts that webhooks have not had yet, in one SQLite file: what is in it survives the end of the
// process and of the host. An alert is stored once, however many webhooks want it, and goes when
// all had it. Bounded by limits::kSpoolAlertsMax and bytes_max: the oldest go, counted. One thread.
class Spool {
 public:
  // Makes the file when there is none. One that is damaged is put aside as FILE.damaged, and
  // remark() says so; its alerts were in the daemon's history, too.
  static Result<Spool> open(const std::string& file, std::uint64_t bytes_max, WallNs now);

  struct Receiver {
    std::string name;
    Severity least = Severity::kInfo;
  };
  // From now on these; others stay as they are, or, with forget_others, go with what only they
  // wanted. A new one gets what comes from now on. With none before, taking begins anew now:
  // nothing old is sent.
  Result<void> set_receivers(const std::vector<Receiver>& receivers, bool forget_others,
                             WallNs now);

  // Takes alerts, and the last one's id as the place to go on, in one step: all or none. One that
  // is there already is taken once. now keeps a time that was ahead from staying the place.
  Result<void> add(std::span<const SpooledAlert> alerts, WallNs now);
  [[nodiscard]] const SpoolPlace& place() const { return place_; }

  // The oldest that the receiver has not had.
  Result<std::optional<SpooledAlert>> next(const std::string& receiver);
  enum class Settled : std::uint8_t { kDelivered, kRefused };
  Result<void> settle(const std::string& receiver, std::int64_t seq, Settled how);
  Result<SpoolCounts> counts(const std::string& receiver);
  [[nodiscard]] const std::string& remark() const { return remark_; }

 private:
  explicit Spool(Database database, std::uint64_t bytes_max)
      : database_(std::move(database)), bytes_max_(bytes_max) {}
  Result<void> prepare(WallNs now);
  Result<void> transaction(const std::function<Result<void>()>& work);
  Result<void> insert(const SpooledAlert& alert);
  Result<void> make_room();
  Result<void> drop_oldest();
  Result<void> measure();
  Result<void> save_place(const SpoolPlace& place);
  Result<void> keep_receiver(const Receiver& receiver);
  Result<void> forget_all_but(const std::vector<Receiver>& receivers);

  Database database_;
  std::uint64_t bytes_max_;
  std::uint64_t alerts_ = 0, bytes_ = 0;  // in the file
  SpoolPlace place_;
  std::string remark_;
};

}  // namespace tocsin::relay
