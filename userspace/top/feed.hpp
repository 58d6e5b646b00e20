// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/event_loop.hpp"
#include "base/result.hpp"
#include "top/model.hpp"
#include "top/talk.hpp"

namespace tocsin::top {

// What the command `contacts` is asked about a row of `beacons`; null: it names no program.
nlohmann::json contacts_of(const nlohmann::json& beacon);

// Fills a model from a daemon: its events and alerts as they come, its status every second, its
// beacons every few, and from the history the intervals of those that are on the screen. When the
// daemon goes it says so in the model and tries again every second. The loop's thread only.
class Feed {
 public:
  struct Parts {
    EventLoop& loop;
    std::string socket;
    Model& model;
    // Keys of the beacons whose intervals are worth asking for, most wanted first.
    std::function<std::vector<std::string>()> wanted_intervals;
  };
  // Told what the history knows around an alert, null when it cannot tell.
  using Told = std::function<void(nlohmann::json alert, nlohmann::json around)>;

  explicit Feed(Parts parts) : parts_(std::move(parts)) {}
  Feed(const Feed&) = delete;
  Feed& operator=(const Feed&) = delete;

  Result<void> start();
  // Finds the alert with this id, and what stands around it; a new one replaces one under way.
  // line: the alert as it came; empty: the daemon is asked for it.
  void explain(const std::string& id, const std::string& line, Told told);

 private:
  void second();
  void connect();
  void gone(const Error& error);
  void ask_status();
  void ask_beacons();
  void ask_history();
  void tell(nlohmann::json around);
  [[nodiscard]] Talk::Handlers stream_handlers(void (Model::*take)(const std::string&));
  [[nodiscard]] Talk::Handlers pulse_handlers();
  [[nodiscard]] Talk::Handlers history_handlers();

  enum class Asked : std::uint8_t { kStatus, kBeacons };
  enum class Searched : std::uint8_t { kNothing, kIntervals, kAlert, kAround };
  struct Explaining {
    std::string id;
    nlohmann::json alert;  // null: to be asked for
    Told told;
  };

  Parts parts_;
  EventLoop::Source timer_;
  Talk events_, alerts_, pulse_, history_;
  std::uint64_t seconds_ = 0, answered_at_ = 0;
  Asked asked_ = Asked::kStatus;
  std::vector<nlohmann::json> beacons_;
  Searched searched_ = Searched::kNothing;
  std::string searched_key_;  // of a beacon, or the id of an alert
  nlohmann::json answer_;
  std::map<std::string, std::uint64_t> searched_at_;  // by key of a beacon that is there
  std::optional<Explaining> explaining_;
};

}  // namespace tocsin::top
