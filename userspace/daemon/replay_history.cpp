// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/replay_history.hpp"

#include <fmt/format.h>

#include <chrono>
#include <system_error>
#include <utility>

#include "history/schema.hpp"

namespace tocsin {
namespace {

constexpr std::uint64_t kForEver = 100 * 366;  // days
constexpr std::uint64_t kEventsPerFlush = 8'192;
constexpr std::chrono::milliseconds kFlushMost{60'000};

HistoryPlace place_of(const std::filesystem::path& state_dir) {
  return {.folder = state_dir / kHistoryFolder, .group = {}};
}

HistoryOptions options_of(const ReplayHistory::Parts& parts) {
  return {.place = place_of(parts.state_dir),
          .run = {.boot_id = "replay",
                  .version = TOCSIN_VERSION,
                  .kernel = "replay",
                  .started_ns = parts.clock.wall_ns(),  // of the first event
                  .hooks = "{}"},
          .days = kForEver,
          .max_bytes = UINT64_MAX,
          .seen_days = kForEver,
          .pending = {}};
}

}  // namespace

Result<std::unique_ptr<ReplayHistory>> ReplayHistory::create(Parts parts) {
  const auto folder = place_of(parts.state_dir).folder;
  std::error_code error;
  if (std::filesystem::exists(folder, error))
    return fail(ErrorCode::kInvalidInput,
                fmt::format("{}: there is a history already; name another folder, or remove it",
                            folder.string()));
  std::filesystem::create_directories(parts.state_dir, error);
  if (error)
    return fail(ErrorCode::kIo, fmt::format("{}: {}", parts.state_dir.string(), error.message()));
  return std::unique_ptr<ReplayHistory>(new ReplayHistory(std::move(parts)));
}

ReplayHistory::Stores::Stores(const Parts& parts, std::shared_ptr<const Clock> clock)
    : seen(options_of(parts), clock),
      alerts({.place = place_of(parts.state_dir), .days = kForEver}, clock),
      feed({.clock = parts.clock,
            .store = seen,
            .cgroups = parts.cgroups,
            .processes = parts.processes,
            .accounts = {}}) {}

// However fast the replay goes, nothing is dropped: now and then it waits for the disk.
void ReplayHistory::advance() {
  clock_->set(parts_.clock.wall_ns());
  if (!stores_) stores_.emplace(parts_, clock_);
  if (++events_ % kEventsPerFlush == 0) stores_->seen.flush_wait(kFlushMost);
}

void ReplayHistory::tick() {
  if (stores_) stores_->feed.tick();
}

void ReplayHistory::on_reported(const RenderedAlert& alert) {
  if (stores_) stores_->alerts.add(alert);
}

Result<void> ReplayHistory::finish() {
  if (!stores_) return {};
  stores_->feed.flush();
  const bool written = stores_->seen.stop(kFlushMost) && stores_->alerts.stop(kFlushMost);
  const auto seen = stores_->seen.status();
  const auto alerts = stores_->alerts.status();
  if (!written || seen.state == HistoryState::kFailing || alerts.failing)
    return fail(ErrorCode::kIo,
                fmt::format("the history could not be written: {}{}", seen.detail, alerts.detail));
  if (const auto lost = seen.lost_events + seen.lost_seen + alerts.refused; lost > 0)
    return fail(ErrorCode::kLimit, fmt::format("the history lacks {} records: more came between "
                                               "two writes than fit in memory",
                                               lost));
  return {};
}

// ---- What the pipeline tells

void ReplayHistory::on_program(const Subject& subject) {
  if (stores_) stores_->feed.on_program(subject);
}

void ReplayHistory::on_module(const ModuleEvent& event, const Subject& subject,
                              const HashResult& hash) {
  if (stores_) stores_->feed.on_module(event, subject, hash);
}

void ReplayHistory::on_exit(const ExitEvent& event, const Subject& subject) {
  if (stores_) stores_->feed.on_exit(event, subject);
}

void ReplayHistory::on_contact(const ConnectEvent& event, const Subject& subject,
                               std::span<const NameCandidate> names) {
  if (stores_) stores_->feed.on_contact(event, subject, names);
}

void ReplayHistory::on_contact_result(const ConnectResultEvent& event, const Subject& subject) {
  if (stores_) stores_->feed.on_contact_result(event, subject);
}

void ReplayHistory::on_close(const CloseEvent& event, const Subject& subject) {
  if (stores_) stores_->feed.on_close(event, subject);
}

void ReplayHistory::on_dns(const DnsEvent& event, const Subject& subject) {
  if (stores_) stores_->feed.on_dns(event, subject);
}

void ReplayHistory::on_hello(const HelloEvent& event, const Subject& subject) {
  if (stores_) stores_->feed.on_hello(event, subject);
}

void ReplayHistory::on_loss(const LossEvent& event) {
  if (stores_) stores_->feed.on_loss(event);
}

}  // namespace tocsin
