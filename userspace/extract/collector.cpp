// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "extract/collector.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "extract/extract_limits.hpp"
#include "extract/judge.hpp"

namespace tocsin {
namespace {

bool has(const Candidate& candidate, Reason reason) {
  return std::ranges::find(candidate.reasons, reason) != candidate.reasons.end();
}

// How well a state is founded when one value stands in several places: a list or a typed field
// that names it outweighs a word of doubt elsewhere, and that outweighs that it stands defanged in
// a sentence.
int weight(const Candidate& candidate) {
  switch (candidate.state) {
    case CandidateState::kAccept:
      return has(candidate, Reason::kDefanged) && candidate.reasons.size() == 1 ? 3 : 5;
    case CandidateState::kReview:
      return has(candidate, Reason::kBenignContext) ? 4 : 2;
    case CandidateState::kReject:
      return has(candidate, Reason::kWithdrawn) ? 6 : 1;
  }
  return 0;
}

void hold(Candidate& candidate, Reason reason, std::string detail) {
  if (candidate.state != CandidateState::kAccept) return;
  candidate.state = CandidateState::kReview;
  candidate.reasons = {reason};
  candidate.detail = std::move(detail);
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

void Collector::add(Candidate&& candidate) {
  if (has(candidate, Reason::kReference) && candidate.state == CandidateState::kReject) {
    if (links_.size() < limits::kExtractLinksMax) links_.push_back(candidate.raw);
    const auto& host = candidate.type == IndicatorType::kUrl ? candidate.host : candidate.value;
    if (candidate.type == IndicatorType::kUrl && live_hosts_.size() < limits::kExtractLinksMax)
      live_hosts_[host] = true;
  }
  auto key = std::string(to_string(candidate.type)) + ',' + candidate.value;
  const auto [at, fresh] = by_value_.try_emplace(std::move(key), candidates_.size());
  if (fresh) {
    if (candidates_.size() >= limits::kExtractCandidatesMax) {
      full_ = true;
      by_value_.erase(at);
      return;
    }
    candidates_.push_back(std::move(candidate));
    return;
  }
  auto& known = candidates_[at->second];
  const auto times = known.times + 1;
  if (weight(candidate) > weight(known)) {
    candidate.place = known.place.pointer.empty() && candidate.place.line == 0
                          ? std::move(known.place)
                          : std::move(candidate.place);
    known = std::move(candidate);
  }
  known.times = times;
}

// A host that the document asks its readers to visit was defanged as an example at best.
void Collector::hold_live_hosts() {
  for (auto& candidate : candidates_)
    if (candidate.type == IndicatorType::kDomain && live_hosts_.contains(candidate.value))
      hold(candidate, Reason::kLiveElsewhere, "the document links to it");
}

// "acharryblogs.com" beside "zacharryblogs.com", "22612name.com" beside "name.com": text that was
// cut or glued where somebody copied it.
void Collector::hold_cut_neighbours() {
  std::unordered_map<std::string, std::size_t> names;
  for (std::size_t i = 0; i < candidates_.size(); ++i)
    if (candidates_[i].type == IndicatorType::kDomain &&
        candidates_[i].state == CandidateState::kAccept)
      names.emplace(candidates_[i].value, i);
  constexpr std::size_t kShortestLabel = 9;  // shorter ones differ by a letter by chance,
  constexpr std::size_t kNamesMax = 500;     // and so do some of many
  constexpr std::size_t kGluedDigits = 3;
  if (names.size() > kNamesMax) return;
  for (const auto& [name, index] : names) {
    if (name.find('.') < kShortestLabel) continue;
    if (const auto cut = names.find(name.substr(1)); cut != names.end() && !is_digit(name[0]))
      hold(candidates_[cut->second], Reason::kCutNeighbour, name);
    const auto digits = std::min(name.find_first_not_of("0123456789"), name.size());
    if (digits >= kGluedDigits && names.contains(name.substr(digits)))
      hold(candidates_[index], Reason::kCutNeighbour, name.substr(digits));
  }
}

Extraction Collector::finish() {
  hold_live_hosts();
  hold_cut_neighbours();
  Extraction out;
  for (const auto& candidate : candidates_) {
    ++out.by_state[static_cast<std::size_t>(candidate.state)];
    for (const auto reason : candidate.reasons) ++out.by_reason[static_cast<std::size_t>(reason)];
  }
  out.candidates = std::move(candidates_);
  out.links = std::move(links_);
  std::ranges::sort(out.links);
  out.links.erase(std::unique(out.links.begin(), out.links.end()), out.links.end());
  return out;
}

}  // namespace tocsin
