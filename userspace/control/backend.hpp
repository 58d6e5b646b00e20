// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/clock.hpp"
#include "base/fd.hpp"
#include "base/ip_address.hpp"
#include "base/process_id.hpp"
#include "base/result.hpp"
#include "control/event_kinds.hpp"
#include "control/later.hpp"
#include "history/contacts.hpp"
#include "history/hunt_value.hpp"
#include "indicators/indicator.hpp"

namespace tocsin::control {

// The items of an answer as JSON texts, one a call, nullopt at the end; an error ends the answer
// with that error and is the last call. The server calls it as the client reads, possibly much
// later and with other commands in between, so it must own what it needs or find its place again;
// it dies with the connection. It must not publish anything itself.
using ItemSource = std::move_only_function<Result<std::optional<std::string>>()>;

inline ItemSource items_of(std::vector<std::string> texts) {
  return [texts = std::move(texts), next = std::size_t{0}]() mutable -> std::optional<std::string> {
    if (next == texts.size()) return std::nullopt;
    return std::move(texts[next++]);
  };
}

struct AlertFilter {
  std::optional<WallNs> since_ns;  // alerts at or after it
  std::string after;               // alerts reported after this one; empty: all
  Severity least = Severity::kInfo;
};

// A running recording; destroying it ends it.
class Recording {
 public:
  virtual ~Recording() = default;
  // Writes out what waits and tells the totals: {"events","bytes","lost"}.
  virtual Result<nlohmann::json> finish() = 0;
};

// A set on its way in.
struct ImportRequest {
  std::string set;
  bool feed = false;       // kept apart: only these may come from relay or fleet
  bool may_shrink = true;  // false: held back when less than half would stay
  Fd content;              // sealed memory with the whole set in the native format
};

// "Was this host hit?"
struct HuntRequest {
  std::vector<HuntValue> values;  // at most kHuntValuesMax
  std::optional<WallNs> since_ns;
  bool occurrences = false;  // single events, too
  // Whether somebody still waits for the answer. Loop's thread only; may be empty.
  std::function<bool()> wanted = {};
};

struct CoverageRequest {
  std::optional<WallNs> since_ns, until_ns;  // nullopt: as far back as sightings go; up to now
};

// What stands around one finding.
struct ContactRequest {
  ContactQuestion question;  // now_ns is the daemon's to fill
  ProcessId process;         // whether it still runs; may be unknown
  std::string boot_id;       // of the boot it ran in, 32 digits; empty: not known
};

// What the relay learnt by asking for an indicator's name.
struct ResolvedName {
  std::string domain;  // as the relay writes it
  std::vector<IpAddress> addresses;
  std::uint32_t ttl_s = 0;
  std::string server;  // who was asked
};

struct IsolateRequest {
  std::vector<std::string> allow;  // addresses and blocks, beside the configured ones
  std::string cgroup;              // only this control group; empty: the whole host
  std::int64_t for_ns = 0;
  bool keep = false;  // take it up again after a restart
};

// What the daemon answers with. Called on the loop's thread and must not block; an error goes to
// the client as it is. Shapes: docs/control-protocol.md. Calling back into the server's publish_*
// functions from here is allowed.
class Backend {
 public:
  virtual ~Backend() = default;
  virtual Result<nlohmann::json> status() = 0;
  // {"text"}: a page in the Prometheus text format.
  virtual Result<nlohmann::json> metrics() = 0;
  // Kept alerts that pass, oldest first.
  virtual Result<ItemSource> alerts(const AlertFilter& filter) = 0;
  // The one alert whose id is, or begins with, this; kNotFound, or kInvalidInput when several do.
  virtual Result<std::string> explain(std::string_view alert_id) = 0;
  // Events the daemon still keeps, oldest first; none is a valid answer.
  virtual Result<ItemSource> events(EventKindMask kinds) = 0;
  // Keys at least this regular, most regular first.
  virtual Result<ItemSource> beacons(double least_score) = 0;
  // Login sessions, the latest active last.
  virtual Result<ItemSource> who() = 0;
  virtual Result<nlohmann::json> indicators() = 0;
  virtual Result<nlohmann::json> check(std::string_view value) = 0;
  virtual void reload(Done done) = 0;
  virtual void hunt(HuntRequest request, Done done) = 0;
  virtual void contacts(ContactRequest request, Done done) = 0;
  // What the looking was worth in a period.
  virtual void coverage(CoverageRequest request, Done done) = 0;
  // What the history saw for the first time at or after that time.
  virtual void first_seen(WallNs since_ns, Done done) = 0;
  virtual void self_test(Done done) = 0;
  // file is open for writing and a regular file.
  virtual Result<std::unique_ptr<Recording>> record(Fd file) = 0;

  // Sets that the daemon keeps itself.
  virtual void import_set(ImportRequest request, Done done) = 0;
  virtual void remove_set(std::string set, Done done) = 0;
  virtual void roll_back_feed(std::string set, Done done) = 0;
  // Every row of the set, or of all when it is empty.
  virtual Result<ItemSource> export_rows(std::string_view set) = 0;
  virtual Result<ItemSource> review_rows(std::string_view set) = 0;

  // Both answer the "isolation" object of the status.
  virtual Result<nlohmann::json> isolate(const IsolateRequest& request) = 0;
  virtual Result<nlohmann::json> release() = 0;

  // The relay's side.
  virtual Result<ItemSource> indicator_domains() = 0;
  virtual Result<nlohmann::json> resolved(const std::vector<ResolvedName>& names) = 0;
  // The relay tells about its feeds and webhooks, arrays both; the last word is what feeds() and
  // status() answer.
  virtual Result<nlohmann::json> feed_report(const nlohmann::json& feeds,
                                             const nlohmann::json& webhooks) = 0;
  virtual Result<nlohmann::json> feeds() = 0;
  // Asks the relay to fetch it now; empty: all.
  virtual Result<nlohmann::json> update_feed(std::string_view feed, bool may_shrink) = 0;
};

}  // namespace tocsin::control
