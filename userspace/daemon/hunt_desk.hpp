// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>

#include <nlohmann/json.hpp>

#include "base/clock.hpp"
#include "base/event_loop.hpp"
#include "base/process_id.hpp"
#include "base/worker.hpp"
#include "control/backend.hpp"

namespace tocsin {

// Answers what the history knows, on a thread of its own: one hunt at a time, so that others with
// questions come in between. Loop's thread only.
class HuntDesk {
 public:
  struct Parts {
    EventLoop& loop;
    const Clock& clock;
    std::filesystem::path folder;  // state_dir/history
    std::uint64_t fold_window_ns = 0;
    // Called on the worker's thread: writes out what waits. False: not in time.
    std::function<bool()> flush;
    std::string boot_id = {};  // of this boot, as alerts name it; empty: not known
  };
  static Result<std::unique_ptr<HuntDesk>> start(Parts parts);

  void hunt(control::HuntRequest request, control::Done done);
  void contacts(control::ContactRequest request, control::Done done);
  void coverage(control::CoverageRequest request, control::Done done);
  void first_seen(WallNs since_ns, control::Done done);
  // Ends the question that runs, whose answer is cut, and begins none.
  void stop();
  // For others with slow questions to the history.
  [[nodiscard]] Worker& worker() { return *worker_; }

 private:
  struct Waiting {
    std::function<bool()> wanted;  // false: the client is gone; empty: asked at any rate
    std::move_only_function<Result<nlohmann::json>()> ask;  // on the worker's thread
    control::Done done;
  };

  explicit HuntDesk(Parts parts) : parts_(std::move(parts)) {}
  void enqueue(Waiting one);
  void next();
  void drop_unwanted();
  // Runs on the worker's thread.
  [[nodiscard]] Result<nlohmann::json> answer(const control::HuntRequest& request) const;
  [[nodiscard]] Result<nlohmann::json> answer(const control::ContactRequest& request) const;
  void mark_running(nlohmann::json& answer) const;

  Parts parts_;
  std::deque<Waiting> waiting_;  // at most kHuntsWaitingMax
  bool asking_ = false;          // the worker has one
  std::stop_source stop_;
  std::unique_ptr<Worker> worker_;  // last: its thread uses the others
};

}  // namespace tocsin
