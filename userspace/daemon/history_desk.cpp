// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/history_desk.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/utsname.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/accounts.hpp"
#include "base/limits.hpp"
#include "base/text.hpp"
#include "hash/hash_cache_file.hpp"
#include "history/schema.hpp"

namespace tocsin {
namespace {

using Json = nlohmann::json;

HistoryPlace place_of(const Config& config) {
  HistoryPlace place{.folder = config.state_dir + "/" + std::string(kHistoryFolder), .group = {}};
  if (!config.control.group.empty()) place.group = find_group(config.control.group);
  return place;
}

std::string hooks_json(const std::vector<HookStatus>& hooks) {
  Json out = Json::object();
  for (const auto& hook : hooks)
    out[hook.event] = hook.state == HookState::kMissing ? "missing: " + hook.lost : hook.hook;
  return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

HistoryOptions options_of(const HistoryDesk::Parts& parts) {
  utsname name{};
  uname(&name);
  const auto& history = parts.config.history;
  return {.place = place_of(parts.config),
          .run = {.boot_id = to_hex(read_boot_id()),
                  .version = TOCSIN_VERSION,
                  .kernel = name.release,
                  .started_ns = parts.started_ns,
                  .hooks = hooks_json(parts.hooks)},
          .days = history.days,
          .max_bytes = history.max_bytes,
          .seen_days = history.seen_days,
          .pending = {}};
}

}  // namespace

HistoryDesk::HistoryDesk(Parts parts)
    : folder_(place_of(parts.config).folder.string()),
      store_(options_of(parts)),
      alerts_({.place = place_of(parts.config), .days = parts.config.history.alert_days}),
      feed_({.clock = parts.clock,
             .store = store_,
             .cgroups = parts.cgroups,
             .processes = parts.processes,
             .is_own = std::move(parts.is_own)}),
      clock_(parts.clock),
      last_proof_ns_(parts.started_ns) {}

std::string HistoryDesk::alerts_path() const {
  return folder_ + "/" + std::string(kAlertsFile);
}

void HistoryDesk::mark(std::vector<Reported> reported) {
  for (auto& one : reported) store_.pending()->add_reported(std::move(one));
}

void HistoryDesk::note_blind(const ProofHistory& proofs) {
  if (proofs.proofs() == proofs_noted_ || !proofs.last()) return;
  proofs_noted_ = proofs.proofs();
  const auto from = std::exchange(last_proof_ns_, proofs.last()->started_ns);
  for (std::size_t i = 0; i < kCanaryActions; ++i) {
    const auto action = static_cast<CanaryAction>(i);
    if (proofs.blind(action))
      store_.pending()->add_blind({from, last_proof_ns_, std::string(to_string(action))});
  }
}

// ---- What is said about it
// -------------------------------------------------------------------------

void HistoryDesk::say(bool failing, const std::string& what, bool& said,
                      std::vector<std::string>& out) {
  if (failing && !said) out.push_back(what);
  if (!failing && said) spdlog::info("the history is written again");
  said = failing;
}

std::vector<std::string> HistoryDesk::second() {
  feed_.tick();
  std::vector<std::string> out;
  const auto store = store_.status();
  say(store.state == HistoryState::kFailing || store.state == HistoryState::kStuck,
      fmt::format("the history is not written: {}; what happens is kept in memory as far as it "
                  "fits",
                  store.detail),
      store_said_, out);
  const auto alerts = alerts_.status();
  say(alerts.failing, fmt::format("alerts are not stored: {}; the sinks have them", alerts.detail),
      alerts_said_, out);
  if (alerts.refused > 0 && std::exchange(refused_said_, alerts.refused) == 0)
    out.emplace_back("too many alerts wait for the disk: some are in the sinks only");
  for (const auto& remarks : {store_.take_remarks(), alerts_.take_remarks()})
    for (const auto& remark : remarks) out.push_back("a history file was damaged: " + remark);
  return out;
}

void HistoryDesk::observe_losses(LossWatch& losses) const {
  const auto store = store_.status();
  losses.observe("history/events", store.lost_events);
  losses.observe("history/seen", store.lost_seen);
  losses.observe("history/alerts", alerts_.status().refused);
}

Json HistoryDesk::status() const {
  const auto store = store_.status();
  const auto alerts = alerts_.status();
  const auto& files = store.files;
  Json out = {{"state", to_string(store.state)},
              {"detail", store.detail},
              {"folder", folder_},
              {"seen_rows", files.seen_rows},
              {"seen_bytes", files.seen_bytes},
              {"day_files", files.day_files},
              {"day_bytes", files.day_bytes},
              {"oldest_day", nullptr},
              {"events_written", files.events_written},
              {"pending", {{"events", store.pending_events}, {"seen", store.pending_seen}}},
              {"lost", {{"events", store.lost_events}, {"seen", store.lost_seen}}},
              {"held", feed_.counters().held},
              {"unhashed", feed_.counters().unhashed},
              {"last_commit_age_s", nullptr},
              {"alerts",
               {{"state", alerts.failing ? "failing" : "ok"},
                {"detail", alerts.detail},
                {"stored", alerts.stored},
                {"queued", alerts.queued},
                {"refused", alerts.refused}}}};
  if (files.day_files > 0)
    out["oldest_day"] = format_time_utc(files.oldest_day * 86'400 * kNsPerSecond).substr(0, 10);
  if (store.committed_ns != 0)
    out["last_commit_age_s"] = static_cast<double>(clock_.wall_ns() - store.committed_ns) / 1e9;
  return out;
}

// ---- Alerts of earlier runs
// ------------------------------------------------------------------------

std::optional<StoredPart> HistoryDesk::stored_alerts(const control::AlertFilter& filter) const {
  auto file = StoredAlerts::open(alerts_path());
  if (!file) {
    if (file.error().code != ErrorCode::kNotFound)
      spdlog::warn("alerts of earlier runs: {}", file.error().message);
    return std::nullopt;
  }
  const auto newest = file->before_last(limits::kAlertsKeptMax);
  const auto after = newest && !filter.since_ns ? *newest : 0;
  return StoredPart{std::move(*file), after};
}

Result<std::optional<StoredPart>> HistoryDesk::alerts_after(std::string_view id) const {
  auto file = StoredAlerts::open(alerts_path());
  if (!file && file.error().code == ErrorCode::kNotFound) return std::nullopt;
  if (!file) return std::unexpected(std::move(file).error());
  TOCSIN_TRY(const auto seq, file->seq_of(id));
  if (!seq) return std::nullopt;
  return StoredPart{std::move(*file), *seq};
}

Result<std::vector<StoredAlert>> HistoryDesk::find_alert(std::string_view id) const {
  TOCSIN_TRY(auto file, StoredAlerts::open(alerts_path()));
  return file.beginning(id);
}

void HistoryDesk::stop(std::chrono::milliseconds at_most) {
  feed_.flush();
  const auto deadline = std::chrono::steady_clock::now() + at_most;
  if (!alerts_.stop(at_most)) spdlog::warn("history: alerts were left that the disk did not take");
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
      deadline - std::chrono::steady_clock::now());
  if (!store_.stop(std::max(left, std::chrono::milliseconds(0))))
    spdlog::warn("history: the last moments were not written: {}", store_.status().detail);
}

}  // namespace tocsin
