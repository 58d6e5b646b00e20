// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "relay/webhook_desk.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "relay/file_time.hpp"

namespace tocsin::relay {
namespace {

constexpr BootNs kTryAgainNs = 30'000'000'000;  // after the spool could not be used

}  // namespace

WebhookDesk::~WebhookDesk() {
  for (const auto& sender : senders_) sender->begin_stop();  // all at once, not one by one
}

void WebhookDesk::tick() {
  // Twice the same: whoever writes the file is done. One that is empty on its way to its new text
  // would cost what waits for the webhooks in it.
  const auto mtime = mtime_ns(parts_.file);
  const bool settled = std::exchange(seen_mtime_ns_, mtime) == mtime;
  if ((settled && mtime != mtime_ns_) || parts_.clock.boot_ns() >= next_try_ns_) read_file();
  if (stream_) stream_->tick();
}

// A file with faults takes nothing away: what is wrong in it may be the very webhook for which
// alerts wait.
void WebhookDesk::read_file() {
  mtime_ns_ = mtime_ns(parts_.file);
  auto load = load_webhooks(parts_.file);
  for (const auto& fault : load.faults) spdlog::error("{}", fault.to_string());
  faults_ = load.faults;
  changed_ = true;
  const auto applied = apply(load);
  trouble_ = applied ? std::string() : applied.error().message;
  next_try_ns_ = applied ? UINT64_MAX : parts_.clock.boot_ns() + kTryAgainNs;
  if (!applied) spdlog::error("webhooks: {}", trouble_);
}

Result<void> WebhookDesk::open_spool() {
  if (spool_) return {};
  TOCSIN_TRY(spool_, Spool::open(parts_.spool, parts_.spool_bytes_max, parts_.clock.wall_ns()));
  if (!spool_->remark().empty()) spdlog::error("{}", spool_->remark());
  return {};
}

Result<void> WebhookDesk::apply(const WebhooksLoad& load) {
  std::error_code ignored;
  if (load.webhooks.empty() && !spool_ && !std::filesystem::exists(parts_.spool, ignored))
    return {};
  TOCSIN_TRY_VOID(open_spool());
  std::vector<Spool::Receiver> receivers;
  for (const auto& webhook : load.webhooks) receivers.push_back({webhook.name, webhook.least});
  const bool whole = load.faults.empty();
  TOCSIN_TRY_VOID(spool_->set_receivers(receivers, whole, parts_.clock.wall_ns()));
  // Those that are as they were go on; a changed one begins anew.
  std::erase_if(senders_, [&](const auto& sender) {
    const auto& config = sender->config();
    const auto named = std::ranges::find(load.webhooks, config.name, &WebhookConfig::name);
    return named == load.webhooks.end() ? whole : !(*named == config);
  });
  for (const auto& webhook : load.webhooks) {
    const auto same = [&](const auto& sender) { return sender->config().name == webhook.name; };
    if (std::ranges::any_of(senders_, same)) continue;
    TOCSIN_TRY(auto sender,
               WebhookSender::start(webhook, {.loop = parts_.loop,
                                              .clock = parts_.clock,
                                              .spool = *spool_,
                                              .on_change = [this] { changed_ = true; }}));
    senders_.push_back(std::move(sender));
  }
  if (senders_.empty()) {
    stream_.reset();
  } else if (!stream_) {
    stream_.emplace(AlertStream::Parts{.loop = parts_.loop,
                                       .clock = parts_.clock,
                                       .socket = parts_.socket,
                                       .spool = *spool_,
                                       .on_taken = [this] {
                                         changed_ = true;
                                         for (const auto& sender : senders_) sender->poke();
                                       }});
  }
  spdlog::info("{} webhooks", senders_.size());
  return {};
}

nlohmann::json WebhookDesk::report() {
  changed_ = false;
  auto out = nlohmann::json::array();
  for (const auto& sender : senders_) {
    auto entry = sender->report();
    if (entry["message"] == "" && stream_ && !stream_->trouble().empty())
      entry["message"] = "following alerts: " + stream_->trouble();
    out.push_back(std::move(entry));
  }
  for (const auto& fault : faults_)
    out.push_back({{"name", "webhooks.toml"}, {"state", "fault"}, {"message", fault.to_string()}});
  if (!trouble_.empty())
    out.push_back({{"name", "spool"}, {"state", "fault"}, {"message", trouble_}});
  return out;
}

}  // namespace tocsin::relay
