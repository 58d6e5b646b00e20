// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "alert/alert.hpp"
#include "base/clock.hpp"
#include "base/lru_map.hpp"
#include "beacon/beacon_limits.hpp"
#include "beacon/contact.hpp"
#include "daemon/allow_list.hpp"

namespace tocsin {

// Between the beacon engine, which raises an alert for each level of each destination, and the
// alert desk: what a site vouches for is silenced and counted; what one program does within moments
// is one incident, told once with all of it; a program has only so many alerts an hour, the rest is
// counted and folded. State thread.
class BeaconAlerts {
 public:
  struct Parts {
    const Clock& clock;
    double time_scale = 1;  // hours of the engine's time
    AllowList allowed;
    std::function<void(Alert)> on_alert;
  };
  // One content in one container, as findings name it.
  struct Program {
    Sha256 id;
    std::string container;
    friend bool operator==(const Program&, const Program&) = default;
  };
  struct ProgramHash {
    std::size_t operator()(const Program& program) const;
  };

  explicit BeaconAlerts(Parts parts) : parts_(std::move(parts)) {}

  // Something ran below the program that may be part of an incident.
  void note(const Program& program, IncidentStep step);
  // Whether an incident of it is going on, so that everything below it is worth noting.
  [[nodiscard]] bool in_incident(const Program& program);
  // alert.beacon stands. An incident waits a few seconds for what follows. False when the site
  // vouches for the program, so that nothing is told.
  bool add(Alert alert);
  // Nobody vouches any longer for what was silenced. False, too, where the facts are not those of
  // that very content: they cannot say.
  [[nodiscard]] bool is_disowned(const BeaconSubject& program, const ProcessFacts& facts) const;
  // The configuration was read again.
  void set_allowed(std::span<const std::string> texts) { parts_.allowed.replace(texts); }
  // Once a second.
  void tick();
  // Everything held is told.
  void flush();

  [[nodiscard]] nlohmann::json status() const;

 private:
  struct Record {
    IncidentFacts story;             // steps since the last telling
    std::optional<Alert> gathering;  // an incident that waits for what follows
    BootNs tell_at = 0;              // when it is told
    std::optional<Alert> held;       // the gravest of what was not told at once
    std::uint64_t held_count = 0;
    std::optional<BootNs> hour_at;       // began
    std::size_t told = 0;                // in this hour
    Severity gravest = Severity::kInfo;  // told in this hour
    std::optional<BootNs> incident_at;   // the last one was told
    Severity incident = Severity::kInfo;
  };

  [[nodiscard]] bool vouched_for(const Alert& alert);
  void end_gathering(Record& record);
  // With what ran below the program since the last telling; a day begins in which it is not told.
  Alert incident_told(Record& record, Alert alert);
  void tell(Record& record, Alert alert);
  void hold(const Program& program, Record& record, Alert alert);
  // What is due by now, or all of it.
  void tell_due(Record& record, bool all);
  Record& record_of(const Program& program);
  [[nodiscard]] bool incident_lasts(const Record& record) const;
  [[nodiscard]] bool hour_lasts(const Record& record) const;
  [[nodiscard]] BootNs now() const;
  [[nodiscard]] BootNs scaled(double seconds) const;

  Parts parts_;
  LruMap<Program, Record, ProgramHash> records_{limits::kBeaconAlertProgramsMax};
  std::vector<Program> waiting_;  // whose record gathers or holds something
  std::uint64_t silenced_ = 0, folded_ = 0;
};

}  // namespace tocsin
