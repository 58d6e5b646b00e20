// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "extract/judge.hpp"

#include <algorithm>
#include <utility>

#include "base/limits.hpp"
#include "base/text.hpp"
#include "extract/extract_limits.hpp"
#include "extract/spot_token.hpp"
#include "indicators/indicator_row.hpp"
#include "indicators/normalise.hpp"

namespace tocsin {
namespace {

bool is_digest(IndicatorType type) {
  return digest_bytes(type) != 0;
}

void add_reason(Candidate& candidate, Reason reason, std::string_view detail = {}) {
  if (std::ranges::find(candidate.reasons, reason) == candidate.reasons.end())
    candidate.reasons.push_back(reason);
  if (candidate.detail.empty()) candidate.detail = detail;
}

bool is_refused(const Candidate& candidate) {
  return std::ranges::any_of(candidate.reasons,
                             [](Reason r) { return state_of(r) == CandidateState::kReject; });
}

// The row that the guard of the index would see.
std::optional<IndicatorRow> guard_row(const Candidate& candidate) {
  IndicatorRow row;
  row.type = candidate.type;
  if (is_digest(candidate.type)) {
    const auto bytes = digest_bytes(candidate.type);
    if (!from_hex(candidate.value, std::span(row.digest).first(bytes))) return std::nullopt;
  } else if (candidate.type == IndicatorType::kIp) {
    const auto address = IpAddress::parse(candidate.value);
    if (!address) return std::nullopt;
    row.network = IpNetwork::single(*address);
  } else if (candidate.type == IndicatorType::kCidr) {
    const auto block = normalise_cidr(candidate.value);
    if (!block) return std::nullopt;
    row.network = block->network;
  } else {
    row.text = candidate.value;
    row.host = candidate.host;
    // A URL may lie below a public suffix ("s3.amazonaws.com/bucket/x"); its host alone may not.
    row.host_match =
        candidate.type == IndicatorType::kUrl && IpAddress::parse(row.host).has_value();
  }
  return row;
}

// Published lists mean the Internet: a site's own addresses are examples there.
bool is_reserved(const IpAddress& address) {
  const auto first = address.bytes()[0];
  return address.is_loopback() || address.is_private() || address.is_link_local() ||
         address.is_multicast() || address.is_unspecified() ||
         (address.is_v4() && (first == 0 || first >= 240));
}

// What a form alone says beats everything around it, except that a typed field knows names better.
bool counts_when_typed(Reason flaw) {
  return flaw != Reason::kCodeIdentifier && flaw != Reason::kFileName &&
         flaw != Reason::kWeakDefang;
}

std::string percent_encoded_blanks(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == ' ')
      out += "%20";
    else
      out += c;
  }
  return out;
}

}  // namespace

CandidateState state_of(Reason reason) {
  if (reason <= Reason::kLabelled) return CandidateState::kAccept;
  return reason < Reason::kReference ? CandidateState::kReview : CandidateState::kReject;
}

// ---- Rules that hold for every document

void Judge::general_rules(Candidate& candidate, bool live) const {
  const bool host = candidate.type == IndicatorType::kIp || candidate.type == IndicatorType::kCidr;
  if (host || candidate.type == IndicatorType::kUrl) {
    const auto& text = host ? candidate.value : candidate.host;
    if (const auto address = IpAddress::parse(text.substr(0, text.find('/')));
        address && is_reserved(*address)) {
      return add_reason(candidate, Reason::kReserved);
    }
  }
  const auto row = guard_row(candidate);
  if (!row) return add_reason(candidate, Reason::kMalformed);
  if (const auto reason = options_.guard->refuses(*row, {}))
    return add_reason(candidate, Reason::kNeverFires, *reason);
  hold_by_lists(candidate, live);
}

void Judge::hold_by_lists(Candidate& candidate, bool live) const {
  if (options_.lists == nullptr) return;
  const bool url = candidate.type == IndicatorType::kUrl;
  auto hits = options_.lists->hits(candidate.type, candidate.value);
  if (url) {
    const auto type =
        IpAddress::parse(candidate.host) ? IndicatorType::kIp : IndicatorType::kDomain;
    for (auto& hit : options_.lists->hits(type, candidate.host)) hits.push_back(std::move(hit));
  }
  const bool shared =
      std::ranges::any_of(hits, [](auto& h) { return h.effect == GuardEffect::kHoldHost; });
  for (const auto& hit : hits) {
    switch (hit.effect) {
      case GuardEffect::kReject:
      case GuardEffect::kHold:
        add_reason(candidate, Reason::kGuardList, hit.list);
        break;
      case GuardEffect::kHoldHost:
        if (!url) add_reason(candidate, Reason::kSharedHost, hit.list);
        break;
      case GuardEffect::kPopular:
        if (!url || (live && !shared)) add_reason(candidate, Reason::kPopularName, hit.list);
        break;
      case GuardEffect::kReference:
        // A link to a publisher is a reference, a defanged one only most probably.
        if (live || !shared || !url) add_reason(candidate, Reason::kReference, hit.list);
        break;
      case GuardEffect::kAnnotate:
        if (candidate.detail.empty()) candidate.detail = hit.list;
        break;
    }
  }
  if (live) return;
  // Defanged by its author: refused by nobody but a person.
  const auto reference = std::ranges::find(candidate.reasons, Reason::kReference);
  if (reference != candidate.reasons.end()) *reference = Reason::kGuardList;
}

void Judge::hand_on(Candidate candidate, Reason accepted_because) {
  if (candidate.reasons.empty()) candidate.reasons.push_back(accepted_because);
  candidate.state = CandidateState::kAccept;
  for (const auto reason : candidate.reasons)
    candidate.state = std::max(candidate.state, state_of(reason));
  if (candidate.value.empty()) candidate.value = candidate.raw;
  sink_(std::move(candidate));
}

// ---- Running text and tables

namespace {

// Reasons to hold a value for what stands round it.
void hold_by_surroundings(const Spot& spot, const Surroundings& around, Candidate& candidate) {
  const bool live = spot.fang == Fang::kLive;
  if (around.section == Section::kReference && !is_digest(spot.type))
    add_reason(candidate, live ? Reason::kReference : Reason::kReferenceSection,
               around.section_word);
  if (around.section == Section::kBenign)
    add_reason(candidate, Reason::kBenignContext, around.section_word);
  if (around.rule_text || (around.section == Section::kRules && live))
    add_reason(candidate, Reason::kRuleText);
  if (const auto word = benign_word(around.note); !word.empty())
    add_reason(candidate, Reason::kBenignContext, word);
}

// Links of a document that defangs what is dangerous are there to be followed.
bool is_reference(const Spot& spot, const Surroundings& around) {
  if (around.link_target) return true;
  return spot.live_url && around.defanging_document;
}

Reason why_accepted(const Spot& spot, const Surroundings& around) {
  if (spot.fang == Fang::kDefanged) return Reason::kDefanged;
  const bool listed = around.shape >= Shape::kRow;
  if (around.shape == Shape::kCell || (listed && around.list_document)) return Reason::kListed;
  if (listed && around.section == Section::kIndicators) return Reason::kIndicatorSection;
  if (is_digest(spot.type)) {
    if (around.label == Label::kDigest) return Reason::kLabelled;
    if (around.section == Section::kIndicators) return Reason::kIndicatorSection;
    if (listed) return Reason::kListed;
  }
  return Reason::kInSentence;
}

}  // namespace

void Judge::take(Spot spot, const Surroundings& around, Candidate candidate) {
  candidate.type = spot.type;
  candidate.value = std::move(spot.value);
  candidate.host = std::move(spot.host);
  candidate.port = spot.port;
  const bool live = spot.fang == Fang::kLive;
  if (around.label == Label::kNotMatchable && is_digest(spot.type))
    add_reason(candidate, Reason::kNotMatchable);
  if (around.label == Label::kVersion && spot.type == IndicatorType::kIp && live)
    add_reason(candidate, Reason::kVersionNumber);
  if (spot.flaw) {
    const bool cell = around.shape == Shape::kCell;
    if (!cell || counts_when_typed(*spot.flaw)) add_reason(candidate, *spot.flaw);
  }
  if (live && spot.file != FileEnding::kNone && around.shape != Shape::kCell &&
      !(around.list_document && around.shape == Shape::kAlone)) {
    const bool sure = spot.file == FileEnding::kTypical && around.shape < Shape::kAlone &&
                      around.label != Label::kNetwork;
    add_reason(candidate, sure ? Reason::kFileName : Reason::kFileLikeName);
  }
  if (is_reference(spot, around)) {
    const bool listed = around.shape >= Shape::kRow &&
                        (around.section == Section::kIndicators ||
                         (around.list_document && around.section != Section::kReference));
    const bool hold = listed && !around.link_target;
    add_reason(candidate, hold ? Reason::kLiveElsewhere : Reason::kReference);
  }
  if (!is_refused(candidate) && !candidate.value.empty()) {
    general_rules(candidate, live);
    if (!is_refused(candidate)) hold_by_surroundings(spot, around, candidate);
  }
  hand_on(std::move(candidate), why_accepted(spot, around));
}

// ---- Structured documents

void Judge::refuse(StructuredValue value, Reason reason) {
  Candidate candidate;
  candidate.type = value.digest.value_or(IndicatorType::kDomain);
  candidate.raw = value.text.substr(0, limits::kIndicatorTextBytesMax);
  candidate.place = std::move(value.place);
  candidate.heading = std::move(value.heading);
  candidate.facts = std::move(value.facts);
  candidate.detail = std::move(value.detail);
  candidate.reasons.push_back(reason);
  hand_on(std::move(candidate), reason);
}

void Judge::take_spot(Spot spot, const StructuredValue& value, std::string raw) {
  Candidate candidate;
  candidate.type = spot.type;
  candidate.value = std::move(spot.value);
  candidate.host = std::move(spot.host);
  candidate.port = spot.port;
  candidate.raw = std::move(raw);
  candidate.place = value.place;
  candidate.heading = value.heading;
  candidate.facts = value.facts;
  candidate.detail = value.detail;
  for (const auto reason : value.holds) add_reason(candidate, reason);
  const bool typed = value.kind == FieldKind::kHost || value.kind == FieldKind::kDigest;
  if (spot.flaw && (!typed || counts_when_typed(*spot.flaw))) add_reason(candidate, *spot.flaw);
  if (value.digest && is_digest(candidate.type) && candidate.type != *value.digest)
    add_reason(candidate, Reason::kWrongLength);
  if (!typed && spot.fang == Fang::kLive && spot.file != FileEnding::kNone)
    add_reason(candidate, Reason::kFileLikeName);
  if (!candidate.value.empty()) general_rules(candidate, spot.live_url);
  if (const auto word = benign_word(value.facts.note); !word.empty())
    add_reason(candidate, Reason::kBenignContext, word);
  hand_on(std::move(candidate), Reason::kTyped);
}

void Judge::take(StructuredValue value) {
  auto text = trim(value.text);
  std::string encoded;
  const bool one_url = value.kind == FieldKind::kHost &&
                       text.find("://") != std::string_view::npos &&
                       text.find("://") == text.rfind("://") && text.size() < 4096;
  if (one_url && text.find(' ') != std::string_view::npos &&
      text.find_first_of(",;\n") == std::string_view::npos) {
    encoded = percent_encoded_blanks(text);
    text = encoded;
  }
  if (value.kind == FieldKind::kReference) return refuse(std::move(value), Reason::kReference);
  if (value.kind == FieldKind::kMail) return refuse(std::move(value), Reason::kMailAddress);
  if (value.kind == FieldKind::kFile || value.kind == FieldKind::kNotMatchable)
    return refuse(std::move(value), Reason::kNotMatchable);
  refanged_.assign(text.substr(0, limits::kExtractLineBytesMax));
  spotter_.spot(refanged_, spots_);
  const bool wants_digest = value.kind == FieldKind::kDigest;
  const bool wants_host = value.kind == FieldKind::kHost;
  bool any = false;
  for (auto& spot : std::exchange(spots_, {})) {
    if (is_digest(spot.type) ? wants_host : wants_digest) continue;
    const auto from = refanged_.source(spot.begin), to = refanged_.source(spot.end);
    take_spot(std::move(spot), value, std::string(text.substr(from, to - from)));
    any = true;
  }
  if (any) return;
  if (wants_host) {  // names that prose would not know for one
    Spot spot;
    spot.type = IndicatorType::kDomain;
    auto name = refanged_.text();
    if (name.starts_with("*.")) name.remove_prefix(2);
    if (name.find('.') != std::string_view::npos && normalise_domain(name, spot.value)) {
      spot.flaw = Reason::kUnknownSuffix;
      return take_spot(std::move(spot), value, std::string(text));
    }
  }
  refuse(std::move(value), Reason::kMalformed);
}

}  // namespace tocsin
