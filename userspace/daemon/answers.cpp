// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// What the daemon answers on the control socket: docs/control-protocol.md.
#include <fmt/format.h>
#include <systemd/sd-daemon.h>

#include <map>
#include <optional>
#include <utility>

#include "base/text.hpp"
#include "daemon/alert_items.hpp"
#include "daemon/daemon.hpp"
#include "daemon/metrics_text.hpp"
#include "daemon/names_json.hpp"
#include "daemon/proof_json.hpp"
#include "daemon/status.hpp"
#include "indicators/check_value.hpp"

namespace tocsin {

using Json = nlohmann::json;

Result<Json> Daemon::status() {
  const auto capture = source_->counters();
  const auto hash = hashes_->counters();
  auto out = status_json({.now_ns = clock_.wall_ns(),
                          .started_ns = started_ns_,
                          .hooks = source_->hooks(),
                          .disabled_hooks = options_.config.capture.disable_hooks,
                          .capture = capture,
                          .pipeline = pipeline_->counters(),
                          .hash = hash,
                          .processes = processes_.counters(),
                          .indicators = indicators_->store(),
                          .alerts = *desk_,
                          .sinks = *sinks_,
                          .losses = losses_,
                          .names = names_json(*pipeline_, packets_->counters())});
  out["host"] = {{"name", host_name_}};
  out["history"] = history_ ? history_->status() : Json{{"state", "off"}};
  if (hindsight_) {
    const auto& found = hindsight_->counters();
    out["history"]["hindsight"] = {{"walking", hindsight_->walking()},
                                   {"walks", found.walks},
                                   {"rows", found.rows},
                                   {"alerts", found.alerts},
                                   {"left_out", found.left_out}};
  }
  const auto& c = server_->counters();
  out["names"]["resolver_monitor"] = resolver_ == nullptr
                                         ? Json{{"state", "off"}}
                                         : Json{{"state", resolver_->state()},
                                                {"lookups", resolver_->counters().lookups},
                                                {"malformed", resolver_->counters().malformed}};
  if (const auto last = proof_->history().last_good_ns(); last != 0)
    out["last_self_proof"] = static_cast<double>(last) / 1e9;
  out["self_proof"] = self_proof_json(*proof_);
  out["beacons"] = beacons_->watch().status();
  out["containers"] = context_->status();
  out["response"] = responder_ ? responder_->status() : Json{{"rules", Json::array()}};
  out["isolation"] = isolation_->status();
  out["packages"] = packages_json(*package_service_);
  out["indicators"]["troubles"] = indicators_->troubles();
  out["relay"] = {
      {"connected", server_->has_relay()}, {"feeds", feeds_.size()}, {"webhooks", webhooks_}};
  out["control"] = {{"clients", server_->clients()},
                    {"refused", c.refused},
                    {"cut_off", c.cut_off},
                    {"events_dropped", c.events_dropped}};
  return out;
}

Result<Json> Daemon::metrics() {
  TOCSIN_TRY(auto facts, status());
  facts["relay"]["feeds"] = feeds_;
  return Json{{"text", metrics_text(facts)}};
}

Result<control::ItemSource> Daemon::alerts(const control::AlertFilter& filter) {
  if (filter.after.empty())
    return alert_items(history_ ? history_->stored_alerts(filter) : std::nullopt, filter, *desk_);
  std::optional<StoredPart> stored;
  // A file that cannot be read now is no answer: "not-found" would have the asker begin anew.
  if (history_) {
    TOCSIN_TRY(stored, history_->alerts_after(filter.after));
  }
  if (!stored && !position_after(*desk_, filter.after))
    return fail(ErrorCode::kNotFound, fmt::format("no alert {} is kept", printable(filter.after)));
  return alert_items(std::move(stored), filter, *desk_);
}

Result<std::string> Daemon::explain(std::string_view alert_id) {
  std::map<std::string, std::string> found;  // by id: memory and file may both have it
  for (auto i = desk_->first_kept(); i < desk_->reported() && found.size() < 2; ++i)
    if (const auto& kept = desk_->kept(i); kept.alert.id.starts_with(alert_id))
      found.emplace(kept.alert.id, kept.json);
  if (history_)
    if (auto stored = history_->find_alert(alert_id))
      for (auto& alert : *stored) found.emplace(std::move(alert.id), std::move(alert.json));
  if (found.size() > 1)
    return fail(ErrorCode::kInvalidInput, fmt::format("several alerts begin with {}", alert_id));
  if (found.empty())
    return fail(ErrorCode::kNotFound,
                fmt::format("no alert {} is kept; `tocsin alerts` lists them", alert_id));
  return std::move(found.begin()->second);
}

Result<control::ItemSource> Daemon::events(control::EventKindMask) {
  return control::items_of({});
}

Result<control::ItemSource> Daemon::beacons(double least_score) {
  return [watch = &beacons_->watch(), rows = beacons_->watch().rows(least_score),
          next = std::size_t{0}]() mutable -> std::optional<std::string> {
    while (next < rows.size())
      if (auto row = watch->row_json(rows[next++])) return row;
    return std::nullopt;
  };
}

Result<control::ItemSource> Daemon::who() {
  return control::items_of(context_->sessions().rows());
}

Result<Json> Daemon::indicators() {
  return Json{{"total", indicators_->store().current()->size()},
              {"sets", sets_json(indicators_->store())}};
}

Result<Json> Daemon::check(std::string_view value) {
  const auto checked = check_value(*indicators_->store().current(), value, clock_.wall_ns());
  Json matches = Json::array();
  if (!checked) return fail(checked.error().code, checked.error().message);
  for (const auto& i : checked->matches)
    matches.push_back({{"type", to_string(i.type)},
                       {"value", i.value},
                       {"set", i.set},
                       {"campaign", i.campaign},
                       {"source", i.source},
                       {"place", i.place},
                       {"severity", to_string(i.severity)},
                       {"confidence", i.confidence},
                       {"note", i.note}});
  return Json{{"value", checked->canonical},
              {"type", to_string(checked->type)},
              {"matches", std::move(matches)}};
}

void Daemon::self_test(control::Done done) {
  self_test_->run(options_.config.alerts.self_test, std::move(done));
}

Result<std::unique_ptr<control::Recording>> Daemon::record(Fd file) {
  if (recording_ != nullptr) return fail(ErrorCode::kBusy, "a recording is running already");
  TOCSIN_TRY(auto recording, LiveRecording::start(std::move(file), boot_epoch_ns_, &recording_));
  // Who was there before: so that a replay has the same lineages.
  for (const auto& living : processes_.living())
    if (const auto process = living.lock())
      recording->on_fact(process_to_json(*process, boot_epoch_ns_));
  return std::unique_ptr<control::Recording>(std::move(recording));
}

}  // namespace tocsin
