// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "fleet/part.hpp"
#include "fleet/publisher.hpp"
#include "fleet/spool.hpp"

namespace tocsin::fleet {

// Sends what the spool holds, with many messages on their way, and forgets each when the broker has
// it. Something refused (an election goes on): nothing more is sent until all that is on its way is
// decided; then, after a wait that doubles with each refusal, a few at a time, until the broker
// takes them again.
class Shipper final : public Part {
 public:
  // The spool must outlive it.
  Shipper(AgentContext& context, Spool& spool) : context_(context), spool_(spool) {}

  Result<void> start() override;
  void connected(bool up) override;
  void describe(nlohmann::json& beat) const override;
  // Something was put into the spool: it is on the disk soon, and then on its way.
  void poke();

 private:
  void work();  // commits, forgets, sends
  Result<void> forget();
  void send();
  void on_outcome(const Publisher::Outcome& outcome);
  void slow_down(const std::string& why);

  AgentContext& context_;
  Spool& spool_;
  std::unique_ptr<Publisher> publisher_;
  EventLoop::Source timer_;
  bool up_ = false;
  bool scheduled_ = false;
  bool held_back_ =
      false;  // refused: nothing is sent until none is on its way, and the wait is over
  std::uint64_t wait_us_ = 0;
  std::size_t window_ = 0;
  std::int64_t sent_ = 0;           // last place given to the publisher
  std::set<std::int64_t> arrived_;  // to forget; nothing is sent while that fails
  bool spool_fails_ = false;        // said so
  std::minstd_rand random_{std::random_device{}()};
  struct Counts {
    std::uint64_t stored = 0, duplicates = 0, refused = 0, too_long = 0;
  } counts_;
};

}  // namespace tocsin::fleet
