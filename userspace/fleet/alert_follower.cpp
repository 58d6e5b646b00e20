// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "fleet/alert_follower.hpp"

#include <spdlog/spdlog.h>
#include <sys/epoll.h>

#include <algorithm>
#include <utility>

namespace tocsin::fleet {
namespace {

constexpr std::uint64_t kRetryLeastUs = 1'000'000;
constexpr std::uint64_t kRetryMostUs = 30'000'000;
constexpr std::uint64_t kFailuresOfSpool = 3;  // a full disk: as after so many failures
constexpr control::Client::Milliseconds kConnectWait{2'000};

}  // namespace

Result<void> AlertFollower::start() {
  // What was taken and is undone comes again: from behind the last alert on the disk.
  spool_.on_undone([this] {
    if (!client_) return;
    spdlog::warn("the spool was not written: alerts are taken again from tocsind in a while");
    failures_ = std::max(failures_, kFailuresOfSpool);
    disconnect({});
  });
  TOCSIN_TRY(timer_, context_.loop.add_timer(0, [this] { connect(); }));
  return {};
}

void AlertFollower::connect() {
  auto client = control::Client::connect(context_.config.control.socket, kConnectWait);
  nlohmann::json arguments = {{"follow", true}};
  if (!spool_.last_alert().empty() && !anew_)
    arguments["after"] = spool_.last_alert();
  else if (context_.validity.from_ns > 0)
    // What was before the host belonged to the fleet is its own matter, and may be a year of it.
    arguments["since"] = static_cast<double>(context_.validity.from_ns) / 1e9;
  auto asked =
      client ? client->request("alerts", arguments) : Result<void>(std::unexpected(client.error()));
  if (asked) {
    client_ = std::move(*client);
    auto watched = context_.loop.watch_fd(client_->socket_fd(), EPOLLIN,
                                          [this](std::uint32_t) { on_daemon(); });
    if (watched) {
      source_ = std::move(*watched);
      failures_ = 0;
      spdlog::info("following the alerts of tocsind {}", client_->server_version());
      return;
    }
    asked = std::unexpected(watched.error());
  }
  if (failures_ == 0) spdlog::warn("no tocsind: {}", asked.error().message);
  disconnect({});
}

void AlertFollower::disconnect(const std::string& why) {
  if (!why.empty()) spdlog::warn("tocsind is gone: {}", why);
  source_ = {};
  client_.reset();
  timer_.set_enabled(true);
  timer_.rearm_us(std::min(kRetryMostUs, kRetryLeastUs << std::min<std::uint64_t>(failures_++, 5)));
}

void AlertFollower::on_daemon() {
  do {
    const auto item = client_->next();
    // Its history is not the one that it was: from the enrolment on. What is known is passed over,
    // by its id.
    if (!item && item.error().code == ErrorCode::kNotFound && !anew_) {
      anew_ = true;
      return disconnect(item.error().message);
    }
    if (!item || !*item)
      return disconnect(item ? "it ended the conversation" : item.error().message);
    if ((*item)->lost == 0) take((*item)->json);
  } while (client_ && client_->has_buffered());
}

void AlertFollower::take(const std::string& alert) {
  const auto parsed = nlohmann::json::parse(alert, nullptr, false);
  const auto id = parsed.is_object() ? parsed.find("event") : parsed.end();
  const auto text = parsed.is_object() && id != parsed.end() && id->is_object()
                        ? id->value("id", std::string())
                        : std::string();
  const auto put = text.empty() ? Result<bool>(fail(ErrorCode::kInvalidInput, "it has no id"))
                                : spool_.put_alert(text, alert);
  if (!put && !client_) return;  // undone: it comes again
  if (!put) {
    ++refused_;
    spdlog::error("an alert is not sent: {}", put.error().message);
  } else if (*put) {
    anew_ = false;
    ++taken_;
    shipper_.poke();
  }
}

void AlertFollower::describe(nlohmann::json& beat) const {
  beat["alerts"] = {{"following", client_.has_value()}, {"taken", taken_}, {"refused", refused_}};
}

}  // namespace tocsin::fleet
