// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// The part of the daemon that remembers: what is kept, asked for, and found by hindsight.
#include <chrono>
#include <utility>

#include "daemon/daemon.hpp"
#include "hash/hash_cache_file.hpp"

namespace tocsin {
namespace {

// A hunt answers without the last moments rather than wait longer for the disk.
constexpr std::chrono::milliseconds kHistoryFlushMost{2000};

std::unexpected<Error> no_history() {
  return fail(ErrorCode::kUnsupported, "this daemon keeps no history: `tocsin status` says why");
}

}  // namespace

Result<void> Daemon::open_history() {
  if (!options_.config.history.enabled) return {};
  const auto own = [this](ProcessId id) { return is_own(id) || proof_->is_canary(id); };
  history_ = std::make_unique<HistoryDesk>(HistoryDesk::Parts{.clock = clock_,
                                                              .config = options_.config,
                                                              .cgroups = *cgroups_,
                                                              .processes = processes_,
                                                              .is_own = own,
                                                              .hooks = source_->hooks(),
                                                              .started_ns = started_ns_});
  const auto flush = [this] { return history_->store().flush_wait(kHistoryFlushMost); };
  TOCSIN_TRY(hunts_, HuntDesk::start({.loop = *loop_,
                                      .clock = clock_,
                                      .folder = history_->folder(),
                                      .fold_window_ns = fold_window_ns(),
                                      .flush = flush,
                                      .boot_id = to_hex(read_boot_id())}));
  hindsight_.emplace(Hindsight::Parts{
      .worker = hunts_->worker(),
      .clock = clock_,
      .folder = history_->folder(),
      .flush = flush,
      .raise = [this](Alert alert) { raise_found(std::move(alert)); },
      .mark = [this](std::vector<Reported> marks) { history_->mark(std::move(marks)); },
      .on_trouble =
          [this](std::string message) { health_alert(Severity::kMedium, std::move(message)); }});
  return {};
}

std::uint64_t Daemon::fold_window_ns() const {
  return static_cast<std::uint64_t>(options_.config.alerts.fold_window_s * 1e9);
}

// Found now, whenever it happened.
void Daemon::raise_found(Alert alert) {
  alert.time_ns = alert.reported_ns = clock_.wall_ns();
  alert.id = ids_.next(alert.reported_ns);
  desk_->add(std::move(alert));
}

void Daemon::hunt(control::HuntRequest request, control::Done done) {
  if (hunts_ == nullptr) return done(no_history());
  hunts_->hunt(std::move(request), std::move(done));
}

void Daemon::contacts(control::ContactRequest request, control::Done done) {
  if (hunts_ == nullptr) return done(no_history());
  hunts_->contacts(std::move(request), std::move(done));
}

void Daemon::coverage(control::CoverageRequest request, control::Done done) {
  if (hunts_ == nullptr) return done(no_history());
  hunts_->coverage(request, std::move(done));
}

void Daemon::first_seen(WallNs since_ns, control::Done done) {
  if (hunts_ == nullptr) return done(no_history());
  hunts_->first_seen(since_ns, std::move(done));
}

}  // namespace tocsin
