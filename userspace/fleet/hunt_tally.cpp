// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "fleet/hunt_tally.hpp"

#include <algorithm>
#include <utility>

#include "fleet/alert_order.hpp"
#include "fleet/hunt_limits.hpp"

namespace tocsin::fleet {
namespace {

using nlohmann::json;

std::string json_text(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

double seconds(WallNs time_ns) {
  return static_cast<double>(time_ns) / 1e9;
}

std::uint64_t number_at(const json& object, const char* pointer) {
  const json::json_pointer at(pointer);
  if (!object.contains(at)) return 0;
  const auto& value = object[at];
  return value.is_number_unsigned() ? value.get<std::uint64_t>() : 0;
}

// Something of the period is known to be missing.
bool has_gaps(const json& coverage) {
  const auto filled = [&](const char* name) {
    const auto it = coverage.find(name);
    return it != coverage.end() && it->is_object() && !it->empty();
  };
  return number_at(coverage, "/gaps/count") > 0 || number_at(coverage, "/blind/count") > 0 ||
         number_at(coverage, "/not_hashed") > 0 || filled("lost") || filled("hooks_missing") ||
         coverage.value("behind", json(false)) == json(true) || coverage.empty();
}

}  // namespace

std::string_view to_string(HostVerdict verdict) {
  switch (verdict) {
    case HostVerdict::kSeen:
      return "seen";
    case HostVerdict::kNotSeen:
      return "not seen";
    case HostVerdict::kGaps:
      return "not seen, with gaps";
    case HostVerdict::kCannotKnow:
      return "cannot know";
    case HostVerdict::kRefused:
      return "refused";
    case HostVerdict::kUnreadable:
      return "unreadable";
    case HostVerdict::kSilent:
      return "silent";
  }
  return "silent";
}

HuntTally::HuntTally(const HuntQuestion& question, const std::map<std::string, WallNs>& known)
    : id_(question.id),
      values_(question.values.size()),
      issued_ns_(question.issued_ns),
      looked_on_until_ns_(question.issued_ns + question.wait_s * kNsPerSecond) {
  for (const auto& value : question.values) asked_.emplace(to_string(value.type), value.text);
  for (const auto& [host, beat_ns] : known)
    if (hosts_.size() < limits::kTallyHostsMax) hosts_[host].last_beat_ns = beat_ns;
  const auto sharers = std::max<std::size_t>(hosts_.size(), 256);  // 256: strangers may answer, too
  share_bytes_ = std::min(limits::kReplyBytesMax, limits::kTallyDetailBytesMax / sharers);
}

bool HuntTally::take(const Subjects& subjects, const Message& stored) {
  const auto up = subjects.parse_up(stored.subject);
  const auto id = MessageId::parse(stored.id);
  if (!up || !id || id->host != up->host) {
    ++strange_;
    return false;
  }
  return take(up->host, stored.data, stored.stored_ns);
}

bool HuntTally::take(const std::string& host, std::string_view reply, WallNs came_ns) {
  auto it = hosts_.find(host);
  if (it == hosts_.end()) {
    if (hosts_.size() >= limits::kTallyHostsMax) {
      ++left_out_;
      return false;
    }
    it = hosts_.emplace(host, HostAnswer()).first;
  }
  auto& answer = it->second;
  const bool before = answer.verdict != HostVerdict::kSilent;
  if ((before && answer.verdict != HostVerdict::kUnreadable) ||
      answer.repeats >= limits::kReplyTriesMax) {
    ++answer.repeats;
    return false;
  }
  if (!judge(answer, reply, came_ns)) return false;
  if (before) ++answer.repeats;
  answer.came_ns = came_ns;
  answer.late = came_ns > looked_on_until_ns_;
  if (!before) ++answered_;
  return !before;
}

const char* HuntTally::fault_of(const HuntReply& reply) const {
  if (!reply.refused.empty()) return nullptr;
  const auto verdicts = {reply.seen, reply.not_seen, reply.not_kept, reply.cannot_know};
  std::uint64_t left = reply.asked;
  for (const auto count : verdicts) {
    if (count > left) return "its counts do not add up";
    left -= count;
  }
  if (reply.asked != values_ || left != 0)
    return "it does not answer for as many values as were asked for";
  for (const auto& hit : reply.hits)
    if (!asked_.contains({hit["type"].get<std::string>(), hit["value"].get<std::string>()}))
      return "it names a value that nobody asked for";
  return nullptr;
}

bool HuntTally::judge(HostAnswer& answer, std::string_view bytes, WallNs came_ns) {
  const auto reply = HuntReply::parse(bytes);
  if (reply && reply->hunt != id_) return false;
  const auto unreadable = [&](std::string why) {
    answer.verdict = HostVerdict::kUnreadable;
    answer.why = std::move(why);
    return true;
  };
  // Without an id that can be read it may belong to any hunt that was under way.
  if (!reply && came_ns < issued_ns_) return false;
  if (!reply) return unreadable(reply.error().message);
  if (const auto* fault = fault_of(*reply)) return unreadable(fault);
  answer.why = reply->refused;
  if (!reply->refused.empty()) {
    answer.verdict = HostVerdict::kRefused;
    return true;
  }
  if (reply->seen > 0)
    answer.verdict = HostVerdict::kSeen;
  else if (reply->cannot_know + reply->not_kept > 0)
    answer.verdict = HostVerdict::kCannotKnow;
  else
    answer.verdict = has_gaps(reply->coverage) ? HostVerdict::kGaps : HostVerdict::kNotSeen;
  keep(answer, *reply);
  return true;
}

void HuntTally::keep(HostAnswer& answer, const HuntReply& reply) const {
  answer.asked = reply.asked;
  answer.seen = reply.seen;
  answer.not_kept = reply.not_kept;
  answer.cannot_know = reply.cannot_know;
  answer.hits_left_out = reply.hits_left_out;
  std::size_t room = share_bytes_;
  const auto take_whole = [&](const json& value, std::string& into) {
    auto text = json_text(value);
    if (text.size() > room) return;
    room -= text.size();
    into = std::move(text);
  };
  take_whole(reply.coverage, answer.coverage);
  take_whole(reply.reasons, answer.reasons);
  std::string hits = "[";
  for (const auto& hit : reply.hits) {
    const auto text = json_text(hit);
    if (text.size() + 2 > room) {
      ++answer.hits_left_out;
      continue;
    }
    room -= text.size() + 1;
    if (hits.size() > 1) hits += ',';
    hits += text;
  }
  answer.hits = hits + "]";
}

std::uint64_t HuntTally::count(HostVerdict verdict) const {
  return static_cast<std::uint64_t>(std::ranges::count_if(
      hosts_, [&](const auto& host) { return host.second.verdict == verdict; }));
}

std::uint64_t HuntTally::told_something() const {
  return static_cast<std::uint64_t>(std::ranges::count_if(hosts_, [](const auto& host) {
    const auto& answer = host.second;
    return answer.asked > answer.not_kept + answer.cannot_know;
  }));
}

std::uint64_t HuntTally::late() const {
  return static_cast<std::uint64_t>(
      std::ranges::count_if(hosts_, [](const auto& host) { return host.second.late; }));
}

json HuntTally::to_json() const {
  json hosts = json::array();
  for (const auto& [name, answer] : hosts_) {
    json one = {{"host", name}, {"verdict", to_string(answer.verdict)}};
    if (answer.last_beat_ns) one["last_beat"] = seconds(*answer.last_beat_ns);
    if (answer.came_ns) one["after_s"] = seconds(*answer.came_ns - issued_ns_);
    if (answer.late) one["late"] = true;
    if (answer.repeats > 0) one["repeats"] = answer.repeats;
    if (!answer.why.empty()) one["why"] = answer.why;
    if (answer.asked > 0) {
      one["seen"] = answer.seen;
      one["not_kept"] = answer.not_kept;
      one["cannot_know"] = answer.cannot_know;
      one["hits"] = json::parse(answer.hits, nullptr, false);
      one["hits_left_out"] = answer.hits_left_out;
      one["reasons"] = json::parse(answer.reasons, nullptr, false);
      one["coverage"] = json::parse(answer.coverage, nullptr, false);
    }
    hosts.push_back(std::move(one));
  }
  json counts = json::object();
  for (std::size_t i = 0; i < kHostVerdicts; ++i) {
    const auto verdict = static_cast<HostVerdict>(i);
    counts[std::string(to_string(verdict))] = count(verdict);
  }
  return {{"hunt", id_},
          {"known", known()},
          {"answered", answered()},
          {"late", late()},
          {"left_out", left_out_},
          {"strange", strange_},
          {"asked", values_},
          {"verdicts", std::move(counts)},
          {"hosts", std::move(hosts)}};
}

}  // namespace tocsin::fleet
