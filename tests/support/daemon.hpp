// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "support/child.hpp"
#include "support/temp_dir.hpp"

// The real tocsind, seen from outside: started with options, spoken to through files, signals and
// the tocsin program. Nothing here looks inside it.
namespace tocsin::test {

struct DaemonOptions {
  std::string indicators{};                        // text of the one indicator file
  std::vector<std::string> settings{};             // section.key=value, after the fixture's own
  std::optional<std::vector<int>> capabilities{};  // as in ChildOptions
  std::string config{};                            // text of the configuration file
  std::string program{};  // path of tocsind; empty: the one built beside this test
};

// "type,value" lines → an indicator file of the set "test" that may name loopback addresses. The
// first line given is line kFirstIndicatorLine of the file.
inline constexpr int kFirstIndicatorLine = 3;
std::string indicator_file(const std::vector<std::string>& lines);

// The value at a dotted name ("process.hash.sha256"), or null.
nlohmann::json at(const nlohmann::json& object, std::string_view dotted);

class Daemon {
 public:
  explicit Daemon(const DaemonOptions& options);

  // Waits until it says READY; false when it ended or the time is over (log() says why).
  bool wait_ready(Millis limit = Millis(60'000));
  // Alerts written so far, in order.
  const std::vector<nlohmann::json>& alerts();
  // The first alert that fits, waiting for it; absent after the limit.
  using Fits = std::function<bool(const nlohmann::json&)>;
  std::optional<nlohmann::json> wait_alert(const Fits& fits, Millis limit = Millis(5'000));
  // `tocsin status --json`; throws when it cannot be had.
  nlohmann::json status();
  // Runs tocsin with --socket of this daemon.
  Finished cli(std::vector<std::string> arguments);

  // Terminates it; its exit code, absent when it does not stop within the limit.
  std::optional<int> stop(Millis limit = Millis(10'000));

  [[nodiscard]] std::string log() const { return child_->err(); }
  [[nodiscard]] std::string out() const { return child_->out(); }
  [[nodiscard]] Child& child() { return *child_; }
  [[nodiscard]] const TempDir& dir() const { return dir_; }
  [[nodiscard]] std::string socket() const { return dir_ / "control.sock"; }
  [[nodiscard]] std::filesystem::path indicator_path() const { return dir_ / "iocs/test.ioc"; }
  [[nodiscard]] std::filesystem::path config_path() const { return dir_ / "tocsin.toml"; }

 private:
  TempDir dir_;
  std::string bin_;
  std::unique_ptr<Child> child_;
  std::vector<nlohmann::json> alerts_;
  std::size_t alerts_read_bytes_ = 0;
};

// From /proc/PID/status, KiB: "VmRSS", "VmHWM".
std::uint64_t memory_kib(pid_t pid, std::string_view field);

}  // namespace tocsin::test
