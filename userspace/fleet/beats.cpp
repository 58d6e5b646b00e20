// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "fleet/beats.hpp"

#include <spdlog/spdlog.h>

#include <utility>

#include "control/client.hpp"
#include "fleet/fleet_limits.hpp"

namespace tocsin::fleet {

using nlohmann::json;

namespace {

constexpr std::uint64_t kSecondUs = 1'000'000;
constexpr control::Client::Milliseconds kStatusWait{5'000};
constexpr const char* kLosses = "losses";

const json* member(const json& object, const char* name) {
  if (!object.is_object()) return nullptr;
  const auto it = object.find(name);
  return it == object.end() ? nullptr : &*it;
}

void copy(const json& from, json& to, const char* name) {
  if (const auto* value = member(from, name); value != nullptr && value->is_primitive())
    to[name] = *value;
}

// {"attached":7,"fallback":["exec"],"failed":[]}: by event.
json hooks_of(const json& status) {
  json out = {{"attached", 0}, {"fallback", json::array()}, {"failed", json::array()}};
  const auto* hooks = member(status, "hooks");
  if (hooks == nullptr || !hooks->is_array()) return out;
  for (const auto& hook : *hooks) {
    const auto* state = member(hook, "state");
    const auto* event = member(hook, "event");
    if (state == nullptr || event == nullptr) continue;
    if (*state == "attached") out["attached"] = out["attached"].get<int>() + 1;
    const bool shown = *state == "fallback" || *state == "failed";
    if (shown && out[state->get<std::string>()].size() < limits::kBeatListMax)
      out[state->get<std::string>()].push_back(*event);
  }
  return out;
}

json lost_of(const json& status) {
  json out = json::object();
  const auto* lost = member(status, "loss");
  if (lost == nullptr || !lost->is_array()) return out;
  for (const auto& stage : *lost) {
    const auto* name = member(stage, "stage");
    const auto* count = member(stage, "count");
    if (name != nullptr && name->is_string() && count != nullptr && *count != 0 &&
        out.size() < limits::kBeatListMax)
      out[name->get<std::string>()] = *count;
  }
  return out;
}

}  // namespace

json summary_of_status(const json& status) {
  json out = json::object();
  for (const char* name : {"version", "kernel", "started", "uptime_s", "last_self_proof", "cpu_s"})
    copy(status, out, name);
  out["hooks"] = hooks_of(status);
  out["lost"] = lost_of(status);
  if (const auto* hash = member(status, "hash")) copy(*hash, out, "coverage");
  if (const auto* alerts = member(status, "alerts")) {
    out["alerts"] = json::object();
    copy(*alerts, out["alerts"], "total");
  }
  if (const auto* indicators = member(status, "indicators")) {
    out["indicators"] = json::object();
    copy(*indicators, out["indicators"], "total");
  }
  if (const auto* history = member(status, "history")) {
    out["history"] = json::object();
    copy(*history, out["history"], "state");
  }
  if (const auto* memory = member(status, "memory")) copy(*memory, out, "rss_bytes");
  if (const auto* proof = member(status, "self_proof")) {
    if (const auto* blind = member(*proof, "blind"); blind != nullptr && blind->is_array())
      out["blind"] = *blind;
    out["self_proof"] = json::object();
    for (const char* name : {"interval_s", "overdue"}) copy(*proof, out["self_proof"], name);
  }
  return out;
}

Result<void> Beats::start() {
  TOCSIN_TRY(worker_, Worker::start(context_.loop));
  TOCSIN_TRY(timer_, context_.loop.add_timer(UINT64_MAX, [this] { ask(); }));
  return {};
}

void Beats::connected(bool up) {
  if (up) soon();
}

void Beats::soon() {
  if (asking_) {
    again_ = true;
    return;
  }
  if (std::exchange(hurried_, true)) return;
  timer_.set_enabled(true);
  timer_.rearm_us(sent_ == 0 ? 0 : kSecondUs);
}

void Beats::ask() {
  asking_ = true;
  hurried_ = false;
  worker_->submit([this, socket = context_.config.control.socket]() -> Worker::OnLoop {
    auto client = control::Client::connect(socket, kStatusWait);
    auto status = client ? client->ask("status", json::object(), kStatusWait)
                         : Result<json>(std::unexpected(client.error()));
    return [this, status = std::move(status)] { send(status); };
  });
}

// A count says that something was lost since the daemon began; it is trouble for a while after it
// last grew (docs/fleet.md), over restarts of ours, too.
void Beats::note_losses(json& daemon) {
  if (daemon["lost"].empty()) return;
  const json now = {{"lost", daemon["lost"]}, {"started", daemon.value("started", json(nullptr))}};
  const auto known = json::parse(spool_.remembered(kLosses).value_or(""), nullptr, false);
  if (known.is_object() && known.value("what", json()) == now) {
    daemon["lost_at"] = known.value("at", json(nullptr));
    return;
  }
  daemon["lost_at"] = context_.clock.wall_ns() / kNsPerSecond;
  auto noted = spool_.remember(kLosses, json{{"what", now}, {"at", daemon["lost_at"]}}.dump());
  if (noted) noted = spool_.commit();
  if (!noted) spdlog::warn("spool: {}", noted.error().message);
}

void Beats::send(const Result<json>& status) {
  const auto interval = context_.config.fleet.beat_interval_s;
  json beat = {{"tocsin", 1},
               {"host", context_.host},
               {"time", static_cast<double>(context_.clock.wall_ns()) / 1e9},
               {"interval_s", interval},
               {"agent", {{"version", TOCSIN_VERSION}}},
               {"up", status.has_value()}};
  if (context_.validity.until_ns > 0)
    beat["certificate_ends"] = context_.validity.until_ns / kNsPerSecond;
  if (status)
    note_losses(beat["daemon"] = summary_of_status(*status));
  else
    beat["why_down"] = status.error().message;
  describe_(beat);
  const auto text = beat.dump(-1, ' ', false, json::error_handler_t::replace);
  const auto sent =
      context_.connection.publish(context_.subjects.up(context_.host, Kind::kBeat), text);
  if (sent)
    ++sent_;
  else
    spdlog::debug("no beat: {}", sent.error().message);
  asking_ = false;
  timer_.set_enabled(true);
  timer_.rearm_us(std::exchange(again_, false) ? kSecondUs
                                               : static_cast<std::uint64_t>(interval * 1e6));
}

}  // namespace tocsin::fleet
