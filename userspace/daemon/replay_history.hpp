// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "daemon/history_feed.hpp"
#include "history/alert_store.hpp"
#include "history/store.hpp"

namespace tocsin {

// What a replay leaves behind, as a daemon would that had seen the file's events when they
// happened: a history that hunt, explain and report read with --state-dir. Nothing in it goes for
// its age. State thread only.
class ReplayHistory final : public Observer {
 public:
  struct Parts {
    std::filesystem::path state_dir;
    const Clock& clock;  // the file's time
    CgroupTable& cgroups;
    const ProcessTable& processes;
  };
  // Makes state_dir. kInvalidInput when there is a history in it: two hosts in one would answer for
  // each other.
  static Result<std::unique_ptr<ReplayHistory>> create(Parts parts);

  // After each step of the clock, before its event. The first begins the history: before it nobody
  // watched.
  void advance();
  // Once a second of the file's time.
  void tick();
  void on_reported(const RenderedAlert& alert);
  // Writes everything. An error when the disk did not take it, or something had to be left out.
  Result<void> finish();

  void on_program(const Subject& subject) override;
  void on_module(const ModuleEvent& event, const Subject& subject, const HashResult& hash) override;
  void on_exit(const ExitEvent& event, const Subject& subject) override;
  void on_contact(const ConnectEvent& event, const Subject& subject,
                  std::span<const NameCandidate> names) override;
  void on_contact_result(const ConnectResultEvent& event, const Subject& subject) override;
  void on_close(const CloseEvent& event, const Subject& subject) override;
  void on_dns(const DnsEvent& event, const Subject& subject) override;
  void on_hello(const HelloEvent& event, const Subject& subject) override;
  void on_loss(const LossEvent& event) override;

 private:
  // Read by the writing threads.
  class SharedClock final : public Clock {
   public:
    [[nodiscard]] WallNs wall_ns() const override { return wall_ns_; }
    [[nodiscard]] BootNs boot_ns() const override { return static_cast<BootNs>(wall_ns()); }
    void set(WallNs now) { wall_ns_ = now; }

   private:
    std::atomic<WallNs> wall_ns_ = 0;
  };
  struct Stores {
    explicit Stores(const Parts& parts, std::shared_ptr<const Clock> clock);
    HistoryStore seen;
    AlertStore alerts;
    HistoryFeed feed;
  };

  explicit ReplayHistory(Parts parts) : parts_(std::move(parts)) {}

  Parts parts_;
  std::shared_ptr<SharedClock> clock_ = std::make_shared<SharedClock>();
  std::optional<Stores> stores_;  // from the first event on
  std::uint64_t events_ = 0;
};

}  // namespace tocsin
