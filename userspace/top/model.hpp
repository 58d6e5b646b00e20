// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/lru_map.hpp"
#include "top/screen.hpp"
#include "top/top_limits.hpp"

namespace tocsin::top {

// A program by its path, content and container, since the view began.
struct ProgramRow {
  std::string path, owner, hash, user, container;  // printable
  Tone owner_tone = Tone::kPlain, hash_tone = Tone::kPlain;
  std::uint64_t number = 0;  // in the order of first sight
  std::uint64_t count = 0;
  double first = 0, last = 0;  // Unix seconds
  std::string line;            // the latest event as it came; empty: too long to keep
};

// A destination by the name it was contacted by, else by its address, and its port.
struct DestinationRow {
  std::string name, address, source, result, program;  // printable
  std::uint64_t number = 0;
  std::uint64_t count = 0;
  double first = 0, last = 0;
  std::string line;
};

struct AlertRow {
  std::string id, severity, message;  // printable
  int rank = 0;                       // of the severity, 0 to 4
  double time = 0;
  std::uint64_t repeats = 0;
  std::string line;  // empty: too long to keep, to be asked for by its id
};

struct BeaconRow {
  std::string program, where, period, verdict;  // printable
  std::string key;                              // tells it from all others
  double score = 0, probability = 0, period_s = 0;
  std::uint64_t contacts = 0;
  nlohmann::json beacon;
};

// The latest distances of a beacon's contacts, from the daemon's history.
struct IntervalsOfBeacon {
  std::vector<double> seconds;
  std::uint64_t contacts = 0;  // of the row when they were asked for
  std::string none_because;    // not empty: there are none
};

// What the daemon said of itself, and what follows from saying it twice.
struct Pulse {
  std::string version;
  std::uint64_t pid = 0;
  double uptime_s = 0, cpu_s = 0, rss_bytes = 0;
  std::optional<double> coverage;  // of executions
  std::uint64_t executions = 0, lost = 0, alerts = 0, beacon_keys = 0;
  std::map<std::string, std::uint64_t> seen;      // by kind of event
  std::map<std::string, std::uint64_t> severity;  // alerts
  std::string loss_words;                         // "stage 12, stage 3"
  bool proof_overdue = false;
  std::string blind;  // actions that the last self-proof did not see
};

// Since the status before.
struct Rates {
  std::map<std::string, double> by_kind;  // events a second
  double all = 0, lost = 0, cpu = 0;      // cpu: share of one processor
};

// Everything that is shown, from what came over the control socket. Nothing here knows a socket or
// a terminal; every text is printable. One thread.
class Model {
 public:
  // user_name: of a user of this host, empty when there is none; asked for each event, so it should
  // remember. May be empty.
  using UserName = std::function<std::string(std::uint32_t uid)>;
  explicit Model(UserName user_name = {}) : user_name_(std::move(user_name)) {}
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;

  void on_event(const std::string& line);
  void on_alert(const std::string& line);
  void on_status(const nlohmann::json& status);
  // All of them, most regular first; those beyond limits::kTopBeaconsMax are left out.
  void on_beacons(const std::vector<nlohmann::json>& beacons);
  void on_intervals(const std::string& key, IntervalsOfBeacon intervals);
  // The stream left out so many events for this reader.
  void on_stream_loss(std::uint64_t count) { stream_lost_ += count; }
  // Why nothing comes now; empty: all is well.
  void set_trouble(std::string words) { trouble_ = std::move(words); }

  // While held, rows stay as they are, for reading: events pass by and are counted, alerts wait (at
  // most kTopAlertsMax, the latest). What the daemon says of itself goes on.
  void hold(bool held);
  [[nodiscard]] bool held() const { return held_; }
  [[nodiscard]] std::uint64_t passed_by() const { return passed_by_; }
  [[nodiscard]] std::size_t alerts_waiting() const { return waiting_.size(); }

  // Most recently seen last.
  [[nodiscard]] std::vector<const ProgramRow*> programs() const;
  [[nodiscard]] std::vector<const DestinationRow*> destinations() const;
  [[nodiscard]] const std::deque<AlertRow>& alerts() const { return alerts_; }
  [[nodiscard]] const std::vector<BeaconRow>& beacons() const { return beacons_; }
  [[nodiscard]] const IntervalsOfBeacon* intervals(const std::string& key) const;

  [[nodiscard]] const std::optional<Pulse>& pulse() const { return pulse_; }
  [[nodiscard]] const std::optional<Rates>& rates() const { return rates_; }
  [[nodiscard]] std::uint64_t stream_lost() const { return stream_lost_; }
  [[nodiscard]] std::uint64_t dropped_rows() const { return dropped_rows_; }
  [[nodiscard]] const std::string& trouble() const { return trouble_; }

 private:
  void on_exec(const nlohmann::json& event, const std::string& line);
  void on_contact(const nlohmann::json& event, const std::string& line);
  [[nodiscard]] std::string user_of(const nlohmann::json& event) const;

  UserName user_name_;
  LruMap<std::string, ProgramRow> programs_{limits::kTopProgramsMax};
  LruMap<std::string, DestinationRow> destinations_{limits::kTopDestinationsMax};
  std::deque<AlertRow> alerts_;
  std::vector<BeaconRow> beacons_;
  std::map<std::string, IntervalsOfBeacon> intervals_;  // only of rows that are there
  std::optional<Pulse> pulse_;
  std::optional<Rates> rates_;
  std::uint64_t stream_lost_ = 0, dropped_rows_ = 0, numbers_ = 0, passed_by_ = 0;
  bool held_ = false;
  std::deque<std::string> waiting_;  // alerts
  std::string trouble_;
};

}  // namespace tocsin::top
