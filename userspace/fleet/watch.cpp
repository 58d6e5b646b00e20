// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "fleet/watch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "fleet/fleet_limits.hpp"
#include "fleet/hostile_json.hpp"

namespace tocsin::fleet {

using nlohmann::json;

namespace {

constexpr std::uint64_t kSecondUs = 1'000'000;
// The reader asks every few seconds whether there is more; so long without an answer, it is cut
// off.
constexpr BootNs kUnsoundNs = 15ULL * kNsPerSecond;

}  // namespace

Result<std::unique_ptr<Watch>> Watch::start(EventLoop& loop, Connection& connection,
                                            const Subjects& subjects, WatchOptions options) {
  std::unique_ptr<Watch> watch(new Watch(connection, subjects, options));
  auto* self = watch.get();
  // A broker that was away until now has old beats only.
  self->watch_.resume(self->now().at_ns, options.grace_ns);
  const auto since = options.since_ns.value_or(self->clock_.wall_ns());
  ReadFrom from{.stream = kStreamAlerts, .subject = subjects.every(Kind::kAlert)};
  if (options.sequence)
    from.sequence = options.sequence;
  else
    from.since_ns = since;
  self->last_sequence_ = options.sequence.value_or(1) - 1;
  TOCSIN_TRY(self->alerts_,
             StreamReader::start(
                 connection, std::move(from), [self](Message m) { self->take(std::move(m)); },
                 [self](const auto& b) { self->take_break(b); }));
  TOCSIN_TRY(self->beats_,
             StreamReader::start(connection,
                                 {.stream = kStreamBeats, .subject = subjects.every(Kind::kBeat)},
                                 [self](Message m) { self->take_beat(m); }));
  TOCSIN_TRY(self->timer_, loop.add_timer(kSecondUs, [self] { self->second(); }));
  return watch;
}

void Watch::take(Message message) {
  last_sequence_ = message.sequence;  // in order, but for a stream that begins anew
  const auto from = subjects_.parse_up(message.subject);
  const auto id = MessageId::parse(message.id);
  // Whoever may speak on a host's subject is that host; a broker's own words there are no alerts.
  if (!from || !id || id->host != from->host) {
    ++strange_;
    return;
  }
  if (!hosts_.contains(from->host) && hosts_.size() >= limits::kFleetHostsMax)
    return tell(from->host, message);
  hosts_[from->host].add(*id, std::move(message), clock_.boot_ns(),
                         [&](const Message& m) { tell(from->host, m); });
}

void Watch::tell(const std::string& host, const Message& message) {
  auto alert = parse_hostile(message.data);
  const auto event = alert.is_object() ? alert.find("event") : alert.end();
  if (!alert.is_object() || event == alert.end() || !event->is_object()) {
    ++strange_;
    return;
  }
  // A spool that was lost begins anew, with alerts that were sent before.
  if (const auto id = event->find("id");
      id != event->end() && id->is_string() && !seen_.add(host, id->get_ref<const std::string&>()))
    return;
  ++told_;
  auto& own = alert["tocsin"];
  if (!own.is_object()) own = json::object();
  own["fleet"] = {{"site", subjects_.site()}, {"host", host}};
  if (listener_) listener_(alert);
}

void Watch::take_beat(const Message& message) {
  const auto from = subjects_.parse_up(message.subject);
  const auto beat = parse_beat(message.data);
  if (!from || beat.is_null()) {
    ++strange_;
    return;
  }
  const auto interval = beat.find("interval_s");
  const double seconds =
      interval != beat.end() && interval->is_number() ? interval->get<double>() : 60;
  // One that comes now came now, whatever the broker's clock says. What it kept while we were away
  // does not come now, but when the broker took it.
  const bool is_old = !beats_->caught_up() && message.stored_ns != 0;
  watch_.beat(from->host, seconds, is_old ? heard_before(message.stored_ns, now()) : now());
}

HostWatch::Heard Watch::now() const {
  return {static_cast<HostWatch::Boot>(clock_.boot_ns()), clock_.wall_ns()};
}

void Watch::second() {
  timer_.rearm_us(kSecondUs);
  for (auto& [name, order] : hosts_)
    order.expire(clock_.boot_ns(), [&](const Message& m) { tell(name, m); });
  look_at_hosts();
}

// That no beat comes says something about hosts only while beats could come.
void Watch::look_at_hosts() {
  const auto now = clock_.boot_ns();
  const auto signed_now = static_cast<HostWatch::Boot>(now);
  const auto sound = beats_->sound_ns();
  if (!connection_.connected() || sound == 0 || now > sound + kUnsoundNs) {
    if (!blind_since_ns_) blind_since_ns_ = now;
    if (!blind_told_ && now >= *blind_since_ns_ + options_.blind_ns) {
      blind_told_ = true;
      tell_sight(false);
    }
    return;
  }
  if (const auto since = std::exchange(blind_since_ns_, std::nullopt)) {
    if (now > *since + kUnsoundNs)
      watch_.resume(signed_now, options_.grace_ns);
    else
      watch_.blink(signed_now, options_.grace_ns);
  }
  if (std::exchange(blind_told_, false)) tell_sight(true);
  for (const auto& change : watch_.look(signed_now)) tell_change(change);
}

// An alert of the centre's own, about a host or about itself.
json Watch::own_alert(const OwnAlert& what) {
  const auto now = clock_.wall_ns();
  json alert = {{"@timestamp", format_time_utc(now)},
                {"ecs", {{"version", "8.17.0"}}},
                {"event",
                 {{"id", ids_.next(now)},
                  {"kind", "alert"},
                  {"code", what.code},
                  {"action", what.code},
                  {"module", "tocsin"},
                  {"dataset", "tocsin.alert"},
                  {"provider", "tocsin-fleet"},
                  {"severity", what.good ? 1 : 73}}},
                {"labels", {{"severity", what.good ? "info" : "high"}}},
                {"message", what.text},
                {"rule", {{"id", "tocsin." + what.code}, {"ruleset", "tocsin"}}},
                {"tocsin",
                 {{"severity", what.good ? "info" : "high"},
                  {"fleet", {{"site", subjects_.site()}}},
                  {"time", static_cast<double>(now) / 1e9}}}};
  if (what.host.empty()) return alert;
  alert["host"]["name"] = what.host;
  alert["tocsin"]["fleet"]["host"] = what.host;
  return alert;
}

void Watch::tell_change(const HostWatch::Change& change) {
  const auto heard = format_time_utc(change.last_beat_ns);
  const auto text = change.silent
                        ? fmt::format("host {} of fleet {} fell silent: last heard {}", change.host,
                                      subjects_.site(), heard)
                        : fmt::format("host {} of fleet {} is back; before, it was last heard {}",
                                      change.host, subjects_.site(), heard);
  if (listener_)
    listener_(own_alert({.code = change.silent ? "fleet-silent" : "fleet-returned",
                         .host = change.host,
                         .text = text,
                         .good = !change.silent}));
}

// What hosts had sent and nobody told, unless an earlier run did.
void Watch::take_break(const StreamBreak& what) {
  if (what.begins_anew) last_sequence_ = 0;  // or a restart would begin where the old stream was
  const auto text =
      what.begins_anew
          ? fmt::format(
                "the alerts of fleet {} at the broker were made anew or lost their end: "
                "what was not told of them is in the hosts' own histories only",
                subjects_.site())
          : fmt::format(
                "{} alerts of fleet {} were dropped at the broker before they were told: "
                "they are in the hosts' own histories only",
                what.lost, subjects_.site());
  if (listener_) listener_(own_alert({.code = "fleet-gap", .host = {}, .text = text}));
}

void Watch::tell_sight(bool sees) {
  const auto text =
      sees ? fmt::format("the centre sees the hosts of fleet {} again", subjects_.site())
           : fmt::format(
                 "the centre sees nothing of fleet {}: {}; until that has passed no host "
                 "is called silent, and alerts wait",
                 subjects_.site(),
                 connection_.connected() ? "the broker does not give the beats"
                                         : "no broker can be reached");
  if (listener_)
    listener_(own_alert(
        {.code = sees ? "fleet-sight" : "fleet-blind", .host = {}, .text = text, .good = sees}));
}

std::uint64_t Watch::resume_from() const {
  std::uint64_t from = last_sequence_ + 1;
  for (const auto& [name, order] : hosts_)
    if (const auto waits = order.waits_from()) from = std::min(from, *waits);
  return from;
}

Watch::Counts Watch::counts() const {
  Counts counts{.told = told_, .strange = strange_, .duplicates = seen_.repeated()};
  for (const auto& [name, order] : hosts_) {
    counts.duplicates += order.counts().duplicates;
    counts.missing += order.counts().missing;
  }
  return counts;
}

}  // namespace tocsin::fleet
