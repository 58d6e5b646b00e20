// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/result.hpp"
#include "cli/command.hpp"
#include "cli/interrupt.hpp"
#include "cli/loudest_alerts.hpp"
#include "control/client.hpp"
#include "history/hunt_value.hpp"
#include "history/reader.hpp"
#include "indicators/indicator_row.hpp"

namespace tocsin::cli {

// Where the history is: behind a running daemon, or in the files of one that does not run.
class HistorySource {
 public:
  // The daemon when it answers, else the files. With state_dir the files there, whoever runs. The
  // code of the error is kNotFound when there is neither.
  static Result<HistorySource> open(const Context& context, const std::string& state_dir);

  struct Question {
    std::vector<HuntValue> values;
    std::optional<WallNs> since_ns;
  };
  // One answer about all values, however many: docs/control-protocol.md. After Ctrl-C it is about
  // those that were looked for by then, and has "stopped":true; kBusy: of a daemon that has not
  // answered yet nothing is known.
  Result<nlohmann::json> ask(Context& context, const Question& question);

  // Values of a set that is watched for.
  Result<std::vector<HuntValue>> values_of_set(const Context& context, const std::string& set);

  // What stands around an alert: the answer of `contacts`. kNotFound when the alert names no
  // program.
  Result<nlohmann::json> around(const nlohmann::json& alert);
  // The one alert whose id begins so.
  Result<nlohmann::json> alert(const std::string& id);
  struct Alerts {
    std::optional<WallNs> since_ns, until_ns;  // the end is left out
    // Of more the loudest, and among those as loud the latest.
    std::size_t most = 0;
    // How many were read, and of when the last is, Unix seconds.
    std::function<void(std::uint64_t read, double time_s)> on_progress = {};
  };
  Result<LoudestAlerts::Alerts> alerts(const Alerts& wanted);

  // What the looking was worth in a period: `coverage` of a hunt. nullopt: up to now.
  Result<nlohmann::json> coverage(WallNs since_ns, std::optional<WallNs> until_ns);
  // Of the host that was watched; empty: nothing names it.
  std::string host_name();

  // Where the answers come from, in words.
  [[nodiscard]] std::string words() const;
  [[nodiscard]] const std::string& state_dir() const { return state_dir_; }
  // The same where the files are read; empty: the daemon is asked.
  [[nodiscard]] std::string files() const { return client_ ? std::string() : state_dir_; }
  // The daemon behind it; null: there is none.
  [[nodiscard]] control::Client* client() { return client_ ? &*client_ : nullptr; }
  [[nodiscard]] bool through_daemon() const { return client_.has_value(); }
  // After an error: the daemon went away.
  [[nodiscard]] bool lost_connection() const { return client_ && client_->lost_connection(); }

 private:
  HistorySource() = default;
  Result<nlohmann::json> ask_files(std::span<const HuntValue> some, const Question& question,
                                   const std::stop_token& stop);
  Result<nlohmann::json> ask_daemon_part(const nlohmann::json& arguments,
                                         const Interrupt& interrupt);

  std::optional<control::Client> client_;
  std::optional<HistoryReader> reader_;
  std::string state_dir_;
};

// Tells why there is neither a daemon nor files, and what to do; the exit code.
int tell_no_history(const Context& context, const std::string& state_dir, const Error& error);

// What of a row is matched against events; nullopt for a URL of which nothing is.
std::optional<HuntValue> matched_value(const IndicatorRow& row);

}  // namespace tocsin::cli
