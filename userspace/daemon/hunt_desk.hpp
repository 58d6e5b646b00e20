// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>

#include <nlohmann/json.hpp>

#include "base/clock.hpp"
#include "base/event_loop.hpp"
#include "base/process_id.hpp"
#include "base/worker.hpp"
#include "control/backend.hpp"

namespace tocsin {

// Answers what the history knows, on a thread of its own. Loop's thread only.
class HuntDesk {
 public:
  struct Parts {
    EventLoop& loop;
    const Clock& clock;
    std::filesystem::path folder;  // state_dir/history
    std::uint64_t fold_window_ns = 0;
    // Called on the worker's thread: writes out what waits. False: not in time.
    std::function<bool()> flush;
    std::function<bool(ProcessId)> is_running;
  };
  static Result<std::unique_ptr<HuntDesk>> start(Parts parts);

  void hunt(control::HuntRequest request, control::Done done);
  void contacts(control::ContactRequest request, control::Done done);
  // For others with slow questions to the history.
  [[nodiscard]] Worker& worker() { return *worker_; }

 private:
  explicit HuntDesk(Parts parts) : parts_(std::move(parts)) {}
  // Runs on the worker's thread.
  [[nodiscard]] Result<nlohmann::json> answer(const control::HuntRequest& request) const;
  [[nodiscard]] Result<nlohmann::json> answer(const ContactQuestion& question) const;
  void mark_running(nlohmann::json& answer) const;

  Parts parts_;
  std::unique_ptr<Worker> worker_;
};

}  // namespace tocsin
