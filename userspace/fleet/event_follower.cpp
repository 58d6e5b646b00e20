// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "fleet/event_follower.hpp"

#include <spdlog/spdlog.h>
#include <sys/epoll.h>

#include <utility>

#include "fleet/fleet_limits.hpp"

namespace tocsin::fleet {
namespace {

constexpr std::uint64_t kSecondUs = 1'000'000;
constexpr control::Client::Milliseconds kEventsConnectWait{2'000};

}  // namespace

Result<void> EventFollower::start() {
  if (!context_.config.fleet.telemetry) return {};
  TOCSIN_TRY(timer_, context_.loop.add_timer(0, [this] { look(); }));
  return {};
}

void EventFollower::look() {
  timer_.rearm_us(kSecondUs);
  if (!client_) connect();
  flush();
}

void EventFollower::connect() {
  auto client = control::Client::connect(context_.config.control.socket, kEventsConnectWait);
  if (!client || !client->request("events", {{"follow", true}})) return;  // again in a second
  auto watched =
      context_.loop.watch_fd(client->socket_fd(), EPOLLIN, [this](std::uint32_t) { on_daemon(); });
  if (!watched) return spdlog::warn("following events: {}", watched.error().message);
  client_ = std::move(*client);
  source_ = std::move(*watched);
}

void EventFollower::on_daemon() {
  do {
    const auto item = client_->next();
    if (!item || !*item) {
      source_ = {};
      client_.reset();
      return;
    }
    lost_ += (*item)->lost;
    if ((*item)->lost != 0) continue;
    ++taken_;
    lines_ += (*item)->json;
    lines_ += '\n';
    if (lines_.size() >= limits::kEventBatchBytes) flush();
  } while (client_ && client_->has_buffered());
}

void EventFollower::flush() {
  if (lines_.empty()) return;
  if (const auto shipped = context_.ship(Kind::kEvents, lines_); !shipped)
    spdlog::error("events are not sent: {}", shipped.error().message);
  lines_.clear();
}

void EventFollower::describe(nlohmann::json& beat) const {
  if (context_.config.fleet.telemetry) beat["events"] = {{"taken", taken_}, {"lost", lost_}};
}

}  // namespace tocsin::fleet
