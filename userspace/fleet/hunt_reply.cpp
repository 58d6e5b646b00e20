// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "fleet/hunt_reply.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>
#include <vector>

#include "base/json_depth.hpp"
#include "fleet/hunt_limits.hpp"

namespace tocsin::fleet {
namespace {

using nlohmann::json;

constexpr std::size_t kSentenceBytesMax = 1024;
// Of a reply: for what is no hit, and for hits without their details.
constexpr std::size_t kHeadShare = limits::kReplyBytesMax / 4;
constexpr std::size_t kSlimShare = limits::kReplyBytesMax / 2;
constexpr std::array kCounts = {"asked", "seen", "not_seen", "not_kept", "cannot_know"};

std::string dump(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::uint64_t count_of(const json& object, const char* name) {
  const auto it = object.find(name);
  return it != object.end() && it->is_number_unsigned() ? it->get<std::uint64_t>() : 0;
}

std::string text_of(const json& object, const char* name) {
  const auto it = object.find(name);
  const auto* text = it == object.end() ? nullptr : it->get_ptr<const std::string*>();
  return text == nullptr ? std::string() : text->substr(0, kSentenceBytesMax);
}

const json& list_of(const json& object, const char* name) {
  static const json kNone = json::array();
  const auto it = object.find(name);
  return it != object.end() && it->is_array() ? *it : kNone;
}

json head_json(const ReplyHead& head) {
  return {{"hunt", head.hunt}, {"host", head.host}, {"version", head.version}};
}

// A hit without single sightings and events.
json slim(const json& hit) {
  json out = hit;
  for (const auto* name : {"sightings", "occurrences", "more_sightings"}) out.erase(name);
  if (out.size() < hit.size()) out["details_left_out"] = true;
  return out;
}

// As many hits as there is room for, then the details of the first of them.
json hits_within(const json& answer, std::size_t bytes) {
  std::vector<const json*> all;
  json out = json::array();
  std::vector<std::size_t> sizes;
  const auto slim_share = std::min(bytes, kSlimShare);
  std::size_t used = 0;
  for (const auto& hit : list_of(answer, "hits")) {
    auto one = slim(hit);
    const auto size = dump(one).size() + 1;
    if (used + size > slim_share) break;
    used += size;
    all.push_back(&hit);
    sizes.push_back(size);
    out.push_back(std::move(one));
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto whole = dump(*all[i]).size() + 1;
    if (used - sizes[i] + whole > bytes) break;
    used += whole - sizes[i];
    out[i] = *all[i];
  }
  return out;
}

// Values that were not simply not seen, by the reason why.
json reasons_of(const json& misses) {
  std::map<std::pair<std::string, std::string>, json> reasons;
  std::uint64_t others = 0;
  for (const auto& miss : misses) {
    const auto verdict = text_of(miss, "verdict");
    const bool before = miss.contains("last_before");
    if (verdict == "not seen" && !before) continue;
    const std::pair key(
        verdict, before ? std::string("it was seen before that period") : text_of(miss, "why"));
    if (!reasons.contains(key) && reasons.size() == limits::kReplyReasonsMax) {
      ++others;
      continue;
    }
    auto& reason = reasons[key];
    if (reason.is_null())
      reason = {
          {"verdict", key.first}, {"why", key.second}, {"count", 0U}, {"values", json::array()}};
    reason["count"] = count_of(reason, "count") + 1;
    if (reason["values"].size() < limits::kReplyValuesAReason)
      reason["values"].push_back(text_of(miss, "value"));
  }
  json out = json::array();
  for (auto& [key, reason] : reasons) out.push_back(std::move(reason));
  if (others > 0) out.push_back({{"verdict", "cannot know"}, {"why", "others"}, {"count", others}});
  return out;
}

// At most half a head's share; the longest lists go first.
json coverage_of(const json& answer) {
  const auto it = answer.find("coverage");
  if (it == answer.end() || !it->is_object()) return json::object();
  auto coverage = *it;
  for (const auto* list : {"/blind/periods", "/gaps/longest"}) {
    if (dump(coverage).size() <= kHeadShare / 2) break;
    if (const json::json_pointer at(list); coverage.contains(at)) coverage[at] = json::array();
  }
  return dump(coverage).size() <= kHeadShare / 2 ? coverage : json::object();
}

}  // namespace

std::string make_reply(const ReplyHead& head, const json& answer) {
  auto out = head_json(head);
  for (const auto* name : kCounts) out[name] = count_of(answer, name);
  out["coverage"] = coverage_of(answer);
  out["reasons"] = reasons_of(list_of(answer, "misses"));
  while (!out["reasons"].empty() && dump(out).size() > kHeadShare)
    out["reasons"].erase(out["reasons"].size() - 1);
  constexpr std::size_t kMembersBytes = 64;  // the names of the two members that follow
  auto hits = hits_within(answer, limits::kReplyBytesMax - dump(out).size() - kMembersBytes);
  out["hits_left_out"] = list_of(answer, "hits").size() - hits.size();
  out["hits"] = std::move(hits);
  return dump(out);
}

std::string make_refusal(const ReplyHead& head, std::string_view why) {
  auto out = head_json(head);
  out["refused"] = why.substr(0, kSentenceBytesMax);
  return dump(out);
}

Result<HuntReply> HuntReply::parse(std::string_view bytes) {
  const auto bad = [](const char* why) { return fail(ErrorCode::kInvalidInput, why); };
  if (bytes.size() > limits::kReplyBytesMax)
    return fail(ErrorCode::kLimit, fmt::format("a reply of {} bytes; the most is {}", bytes.size(),
                                               limits::kReplyBytesMax));
  if (!json_nested_within(bytes, limits::kReplyDepthMax)) return bad("it nests too deeply");
  auto body = json::parse(bytes, nullptr, false);
  if (!body.is_object()) return bad("it is not a JSON object");
  HuntReply out;
  out.hunt = text_of(body, "hunt");
  out.version = text_of(body, "version");
  out.refused = text_of(body, "refused");
  if (out.hunt.empty()) return bad("it does not say to which hunt it belongs");
  if (!out.refused.empty()) return out;
  out.asked = count_of(body, "asked");
  out.seen = count_of(body, "seen");
  out.not_seen = count_of(body, "not_seen");
  out.not_kept = count_of(body, "not_kept");
  out.cannot_know = count_of(body, "cannot_know");
  out.hits_left_out = count_of(body, "hits_left_out");
  out.hits = list_of(body, "hits");
  for (const auto& hit : out.hits)
    if (!hit.is_object() || text_of(hit, "type").empty() || text_of(hit, "value").empty())
      return bad("hits: objects with type and value are expected");
  out.reasons = list_of(body, "reasons");
  for (const auto& reason : out.reasons)
    if (!reason.is_object()) return bad("reasons: objects are expected");
  if (const auto it = body.find("coverage"); it != body.end() && it->is_object())
    out.coverage = std::move(*it);
  if (out.seen != out.hits.size() + out.hits_left_out) return bad("its hits do not add up");
  return out;
}

}  // namespace tocsin::fleet
