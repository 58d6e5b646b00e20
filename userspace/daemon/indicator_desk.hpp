// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/clock.hpp"
#include "base/event_loop.hpp"
#include "base/result.hpp"
#include "base/worker.hpp"
#include "control/backend.hpp"
#include "daemon/indicator_watch.hpp"
#include "indicators/set_folder.hpp"
#include "indicators/store.hpp"

namespace tocsin {

// The running daemon's indicators: which are loaded, how new ones come in, and what becomes of
// files that change. Files are read and compiled on a thread of their own; the loop's thread only
// swaps the finished index, so that events are judged without a pause. Loop's thread only.
class IndicatorDesk {
 public:
  struct Options {
    std::vector<std::filesystem::path> paths;  // indicators.paths
    std::filesystem::path state_dir;           // iocs/ and feeds/ below it are ours
  };
  struct Callbacks {
    std::function<void()> on_swapped;                     // another index is active
    std::function<void(std::string message)> on_trouble;  // something of it did not work
  };

  // Reads everything once, on the calling thread.
  static Result<std::unique_ptr<IndicatorDesk>> open(const Clock& clock, Options options);
  // From now on changes are noticed. Starts a thread: not before rights are dropped.
  Result<void> watch(EventLoop& loop, Callbacks callbacks);
  void look_again();

  [[nodiscard]] const IndicatorStore& store() const { return store_; }

  // Reads everything again and answers what "reload" answers.
  void reload(const std::string& why, control::Done done = {});
  void import_set(control::ImportRequest request, control::Done done);
  void remove_set(const std::string& set, control::Done done);
  void roll_back_feed(const std::string& set, control::Done done);

  Result<control::ItemSource> export_rows(std::string_view set) const;
  Result<control::ItemSource> review_rows(std::string_view set) const;
  // Names that are watched for and may be asked for; sets in exclude are left out.
  control::ItemSource domains(std::vector<std::string> exclude) const;

  // Sets whose file could not be taken, and folders that are not watched.
  [[nodiscard]] std::vector<std::string> troubles() const;

 private:
  IndicatorDesk(const Clock& clock, IndicatorStore store, const Options& options);
  // Runs change on the worker; when it worked, everything is read again, then done is told.
  using Change = std::move_only_function<Result<nlohmann::json>()>;
  void change_then_reload(Change change, control::Done done);
  void begin_load();
  void end_load(Result<IndicatorStore::Prepared> prepared);
  void tell_new_troubles();
  [[nodiscard]] Result<void> check_owner(std::string_view set, bool feed) const;
  [[nodiscard]] nlohmann::json loaded_json() const;

  struct Waiting {
    nlohmann::json answer;  // null: what "reload" answers
    control::Done done;
  };

  const Clock& clock_;
  IndicatorStore store_;
  SetFolder own_, feeds_;
  Callbacks callbacks_;
  std::unique_ptr<Worker> worker_;
  std::unique_ptr<IndicatorWatch> watch_;
  std::string why_;
  bool loading_ = false;
  std::vector<Waiting> next_, current_;      // told after the load that begins next, that runs
  std::map<std::string, std::string> told_;  // file → error that was told
};

}  // namespace tocsin
