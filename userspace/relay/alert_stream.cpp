// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "relay/alert_stream.hpp"

#include <spdlog/spdlog.h>
#include <sys/epoll.h>

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "indicators/set_line.hpp"
#include "relay/webhook_limits.hpp"

namespace tocsin::relay {
namespace {

using nlohmann::json;

constexpr std::uint32_t kReconnectMostS = 30;

std::string text_at(const json& object, const char* pointer) {
  const json::json_pointer at(pointer);
  if (!object.contains(at) || !object.at(at).is_string()) return {};
  return object.at(at).get<std::string>();
}

}  // namespace

std::optional<SpooledAlert> read_alert(std::string text) {
  const auto alert = json::parse(text, nullptr, false);
  if (!alert.is_object()) return std::nullopt;
  auto id = text_at(alert, "/event/id");
  if (id.empty()) return std::nullopt;
  const auto severity = parse_severity(text_at(alert, "/tocsin/severity"));
  // Whole seconds do: "2026-03-31T12:00:00" and a fraction.
  const auto time = parse_time(text_at(alert, "/@timestamp").substr(0, 19) + "Z");
  return SpooledAlert{.seq = 0,
                      .id = std::move(id),
                      .severity = severity.value_or(Severity::kCritical),
                      .json = std::move(text),
                      .time_ns = time.value_or(0)};
}

void AlertStream::tick() {
  if (client_ || parts_.clock.boot_ns() < next_connect_ns_) return;
  if (auto connected = connect(); !connected) disconnect(std::move(connected).error().message);
}

Result<void> AlertStream::connect() {
  TOCSIN_TRY(auto client, control::Client::connect(parts_.socket));
  const auto& place = parts_.spool.place();
  json arguments = {{"follow", true}};
  if (place.after.empty() || place_gone_) {
    arguments["since"] = static_cast<double>(place.since_ns) / 1e9;
  } else {
    arguments["after"] = place.after;
  }
  TOCSIN_TRY_VOID(client.request("alerts", arguments));
  client_ = std::move(client);
  TOCSIN_TRY(source_, parts_.loop.watch_fd(client_->socket_fd(), EPOLLIN,
                                           [this](std::uint32_t) { on_ready(); }));
  trouble_.clear();
  return {};
}

void AlertStream::disconnect(std::string why) {
  const auto wait_s =
      std::min(kReconnectMostS, std::uint32_t{1} << std::min<std::uint32_t>(failures_, 5));
  next_connect_ns_ = parts_.clock.boot_ns() + std::uint64_t{wait_s} * 1'000'000'000;
  if (failures_++ == 0) spdlog::warn("following alerts: {}", why);
  source_ = {};
  client_.reset();
  trouble_ = std::move(why);
}

void AlertStream::on_ready() {
  auto taken = take_what_is_there();
  if (taken) return;
  // The history was lost, or is off and the daemon began anew: what it has is all later.
  if (taken.error().code == ErrorCode::kNotFound && !parts_.spool.place().after.empty())
    place_gone_ = true;
  disconnect(std::move(taken).error().message);
}

// What was read and not stored is asked for again: the place is that of the last stored.
Result<void> AlertStream::take_what_is_there() {
  do {
    std::vector<SpooledAlert> batch;
    Result<void> more;
    do {
      auto item = client_->next();
      if (!item) {
        more = std::unexpected(std::move(item).error());
      } else if (!*item) {
        more = fail(ErrorCode::kIo, "the daemon ended the conversation");
      } else if (auto alert = read_alert(std::move((*item)->json))) {
        batch.push_back(std::move(*alert));
      }
    } while (more && client_->has_buffered() && batch.size() < limits::kSpoolBatchMax);
    TOCSIN_TRY_VOID(parts_.spool.add(batch, parts_.clock.wall_ns()));
    if (!batch.empty()) {
      failures_ = 0;
      place_gone_ = false;
      parts_.on_taken();
    }
    TOCSIN_TRY_VOID(std::move(more));
  } while (client_->has_buffered());
  return {};
}

}  // namespace tocsin::relay
