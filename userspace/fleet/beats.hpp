// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <nlohmann/json.hpp>

#include "fleet/part.hpp"
#include "fleet/spool.hpp"

namespace tocsin::fleet {

// What a beat tells of the daemon: a bounded summary of `status`. docs/fleet.md has every member.
nlohmann::json summary_of_status(const nlohmann::json& status);

// The sign of life: every beat_interval_s, and at once when something it tells has changed. Not
// spooled: only the latest counts.
class Beats final : public Part {
 public:
  // describe: adds what the other parts have to tell. The spool must outlive it.
  Beats(AgentContext& context, Spool& spool, std::function<void(nlohmann::json&)> describe)
      : context_(context), spool_(spool), describe_(std::move(describe)) {}

  Result<void> start() override;
  void connected(bool up) override;
  // At the next round of the loop, but not more than one a second.
  void soon();

 private:
  void ask();
  void send(const Result<nlohmann::json>& status);
  void note_losses(nlohmann::json& daemon);

  AgentContext& context_;
  Spool& spool_;
  std::function<void(nlohmann::json&)> describe_;
  EventLoop::Source timer_;
  bool asking_ = false, again_ = false, hurried_ = false;
  std::uint64_t sent_ = 0;
  std::unique_ptr<Worker> worker_;  // its own: a long hunt must not make a host silent
};

}  // namespace tocsin::fleet
