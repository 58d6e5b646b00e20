// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "top/feed.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/clock.hpp"
#include "base/text.hpp"
#include "cli/around_alert.hpp"
#include "cli/json_view.hpp"
#include "report/intervals.hpp"

namespace tocsin::top {
namespace {

using nlohmann::json;

constexpr std::uint64_t kSecondUs = 1'000'000;
constexpr std::uint64_t kBeaconsEveryS = 5;
constexpr std::uint64_t kIntervalsAgainS = 20;  // of one beacon that went on calling
constexpr std::uint64_t kSilenceS = 10;         // a daemon that says nothing so long hangs
constexpr double kBeaconScoreLeast = 0.3;       // below it regularity counts nothing

IntervalsOfBeacon intervals_of(const BeaconRow& row, const json& answer) {
  IntervalsOfBeacon out;
  out.contacts = row.contacts;
  const report::Material material{
      .alert = {{"tocsin", {{"beacon", row.beacon}}}}, .around = answer, .now_s = 0};
  out.seconds = report::last_intervals(report::series_of(material),
                                       report::merge_gap_of(row.beacon), limits::kTopIntervalsMax);
  if (out.seconds.empty()) out.none_because = "not in the history";
  return out;
}

const BeaconRow* row_of(const Model& model, const std::string& key) {
  const auto it = std::ranges::find(model.beacons(), key, &BeaconRow::key);
  return it != model.beacons().end() ? &*it : nullptr;
}

}  // namespace

json contacts_of(const json& beacon) {
  auto program = cli::text_at(beacon, "/subject/sha256", 64);
  const auto path = cli::text_at(beacon, "/subject/path");
  if (program.empty()) program = path;
  const auto destination = cli::text_at(beacon, "/destination", 255);
  if (program.empty() || destination.empty() || destination == "*rare*") return nullptr;
  json out = {{"program", program}, {"path", path}, {"destination", destination}};
  // Empty is the host: left out, it would be any container, and two of one image are two programs.
  out["container"] = cli::text_at(beacon, "/container", 64);
  out["dns"] = cli::text_at(beacon, "/kind", 16) == "dns";
  const auto port = cli::count_at(beacon, "/port");
  if (port != 0 && port <= UINT16_MAX && out["dns"] == false) out["port"] = port;
  return out;
}

Result<void> Feed::start() {
  TOCSIN_TRY(timer_, parts_.loop.add_timer(0, [this] { second(); }));
  return {};
}

void Feed::second() {
  timer_.rearm_us(kSecondUs);
  ++seconds_;
  if (!events_.is_open()) connect();
  if (!events_.is_open()) return;
  if (seconds_ - answered_at_ > kSilenceS)
    return gone({ErrorCode::kIo, "the daemon does not answer; is it stopped or overloaded?"});
  if (seconds_ % kBeaconsEveryS == 1)
    ask_beacons();
  else
    ask_status();
  ask_history();
}

void Feed::connect() {
  const auto opened = [&]() -> Result<void> {
    auto& loop = parts_.loop;
    const auto& socket = parts_.socket;
    TOCSIN_TRY_VOID(events_.open(loop, socket, stream_handlers(&Model::on_event)));
    TOCSIN_TRY_VOID(alerts_.open(loop, socket, stream_handlers(&Model::on_alert)));
    TOCSIN_TRY_VOID(pulse_.open(loop, socket, pulse_handlers()));
    TOCSIN_TRY_VOID(history_.open(loop, socket, history_handlers()));
    TOCSIN_TRY_VOID(events_.ask(
        "events", {{"follow", true}, {"kinds", {"exec", "connect", "tls", "quic", "http"}}}));
    return alerts_.ask("alerts", {{"follow", true}});
  }();
  if (!opened) return gone(opened.error());
  answered_at_ = seconds_;
  parts_.model.set_trouble({});
  ask_status();
}

void Feed::gone(const Error& error) {
  for (auto* talk : {&events_, &alerts_, &pulse_, &history_}) talk->close();
  searched_ = Searched::kNothing;
  if (parts_.model.trouble().empty()) {
    const auto now = static_cast<double>(SystemClock().wall_ns()) / 1e9;
    parts_.model.set_trouble(fmt::format("no daemon since {}, trying again: {}",
                                         cli::clock_time(now).substr(0, 8),
                                         printable(error.message, 200)));
  }
  tell(nullptr);
}

Talk::Handlers Feed::stream_handlers(void (Model::*take)(const std::string&)) {
  const auto on_item = [this, take](const control::Client::Item& item) {
    if (item.lost > 0)
      parts_.model.on_stream_loss(item.lost);
    else
      (parts_.model.*take)(item.json);
  };
  // A stream that ends is a daemon that goes or refuses.
  const auto on_end = [this](const std::optional<Error>& refused) {
    gone(refused ? *refused : Error{ErrorCode::kIo, "the daemon ended the stream"});
  };
  return {on_item, on_end, [this](const Error& error) { gone(error); }};
}

// ---- Status and beacons

void Feed::ask_status() {
  if (pulse_.busy()) return;
  asked_ = Asked::kStatus;
  if (auto sent = pulse_.ask("status", json::object()); !sent) gone(sent.error());
}

void Feed::ask_beacons() {
  if (pulse_.busy()) return;
  asked_ = Asked::kBeacons;
  beacons_.clear();
  if (auto sent = pulse_.ask("beacons", {{"min", kBeaconScoreLeast}}); !sent) gone(sent.error());
}

Talk::Handlers Feed::pulse_handlers() {
  const auto on_item = [this](const control::Client::Item& item) {
    answered_at_ = seconds_;
    auto value = json::parse(item.json, nullptr, false);
    if (!value.is_object()) return;
    if (asked_ == Asked::kStatus)
      parts_.model.on_status(value);
    else if (beacons_.size() < limits::kTopBeaconsMax)
      beacons_.push_back(std::move(value));
  };
  const auto on_end = [this](const std::optional<Error>&) {
    answered_at_ = seconds_;
    if (asked_ == Asked::kStatus) return;
    parts_.model.on_beacons(std::exchange(beacons_, {}));
    ask_status();
  };
  return {on_item, on_end, [this](const Error& error) { gone(error); }};
}

// ---- The history: one question at a time, an explanation before intervals

void Feed::explain(const std::string& id, const std::string& line, Told told) {
  explaining_ = Explaining{id, json::parse(line, nullptr, false), std::move(told)};
  if (!explaining_->alert.is_object()) explaining_->alert = nullptr;
  if (!history_.is_open()) return tell(nullptr);
  ask_history();
}

// Told once; without the alert there is nothing to tell.
void Feed::tell(json around) {
  auto one = std::exchange(explaining_, std::nullopt);
  if (one) one->told(std::move(one->alert), std::move(around));
}

void Feed::ask_history() {
  if (history_.busy()) return;
  answer_ = nullptr;
  std::string command = "contacts";
  json question;
  if (explaining_ && explaining_->alert.is_null()) {
    searched_ = Searched::kAlert;
    searched_key_ = explaining_->id;
    command = "explain";
    question = {{"alert", explaining_->id}};
  } else if (explaining_) {
    searched_ = Searched::kAround;
    searched_key_ = explaining_->id;
    const auto contacts = cli::contacts_question(explaining_->alert);
    if (!contacts) return tell(nullptr);
    question = *contacts;
  } else {
    searched_ = Searched::kIntervals;
    std::erase_if(searched_at_,
                  [&](const auto& one) { return row_of(parts_.model, one.first) == nullptr; });
    for (const auto& key : parts_.wanted_intervals()) {
      const auto* row = row_of(parts_.model, key);
      const auto* known = parts_.model.intervals(key);
      const auto at = searched_at_.find(key);
      if (row == nullptr || (known != nullptr && known->contacts == row->contacts) ||
          (at != searched_at_.end() && seconds_ - at->second < kIntervalsAgainS))
        continue;
      question = contacts_of(row->beacon);
      searched_at_[key] = seconds_;
      searched_key_ = key;
      if (!question.is_null()) break;
    }
    if (question.is_null()) return;
  }
  if (auto sent = history_.ask(command, question); !sent) gone(sent.error());
}

Talk::Handlers Feed::history_handlers() {
  const auto on_item = [this](const control::Client::Item& item) {
    answer_ = json::parse(item.json, nullptr, false);
  };
  const auto on_end = [this](const std::optional<Error>& refused) {
    auto answer = refused || answer_.is_discarded() ? json(nullptr) : std::move(answer_);
    switch (std::exchange(searched_, Searched::kNothing)) {
      case Searched::kIntervals:
        if (const auto* row = row_of(parts_.model, searched_key_))
          parts_.model.on_intervals(searched_key_, intervals_of(*row, answer));
        return explaining_ ? ask_history() : void();
      case Searched::kAlert:
        if (!explaining_ || explaining_->id != searched_key_) return ask_history();
        explaining_->alert = std::move(answer);
        if (!explaining_->alert.is_object()) return tell(nullptr);
        return ask_history();
      case Searched::kAround:  // another one may have been asked for meanwhile
        return explaining_ && explaining_->id != searched_key_ ? ask_history()
                                                               : tell(std::move(answer));
      case Searched::kNothing:
        return;
    }
  };
  return {on_item, on_end, [this](const Error& error) { gone(error); }};
}

}  // namespace tocsin::top
