// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "names/question_table.hpp"

#include <algorithm>

namespace tocsin {
namespace {

std::string key_of(const DnsEvent& event) {
  return event.qname + '/' + event.qtype;
}

}  // namespace

QuestionTable::Heard QuestionTable::on_question(const DnsEvent& question, WallNs asker_started_ns) {
  const WallNs now = question.head.time_ns;
  const ProcessId asker = question.head.process;
  forget_old(now);
  auto key = key_of(question);
  auto [it, fresh] = open_.try_emplace(key);
  auto& askers = it->second;
  Heard heard;
  ProcessId root = asker;
  for (auto& earlier : askers) {
    if (now - earlier.at_ns > kWindowNs) continue;
    if (earlier.asker == asker) {
      heard.repeated = true;
      heard.on_behalf_of.reset();
      root = earlier.root;
      if (root != asker) heard.on_behalf_of = root;
      break;
    }
    const bool was_there = asker_started_ns != 0 && asker_started_ns < earlier.at_ns;
    if (!earlier.answered && was_there && earlier.asker.known()) {
      heard.on_behalf_of = earlier.root;
      root = earlier.root;
    }
  }
  std::erase_if(askers, [&](const Asked& a) { return a.asker == asker; });
  if (askers.size() == kAskersMax) askers.erase(askers.begin());
  askers.push_back({asker, root, now, false});
  order_.emplace_back(now, std::move(key));
  return heard;
}

std::optional<ProcessId> QuestionTable::on_answer(const DnsEvent& answer) {
  forget_old(answer.head.time_ns);
  const auto found = open_.find(key_of(answer));
  if (found == open_.end() || found->second.empty()) return std::nullopt;
  // The monitor does not tell who asked: any question will do.
  if (answer.origin == DnsOrigin::kResolverMonitor) {
    const auto root = found->second.front().root;
    const auto same = [&](const Asked& asked) { return asked.root == root; };
    return std::ranges::all_of(found->second, same) ? root : ProcessId{};
  }
  for (auto& asked : found->second) {
    if (asked.asker != answer.head.process) continue;
    asked.answered = true;
    return asked.root;
  }
  return std::nullopt;
}

void QuestionTable::forget_old(WallNs now) {
  while (!order_.empty()) {
    const auto& [at, key] = order_.front();
    const bool full = order_.size() > limits::kOpenQuestionsMax;
    if (now - at <= kWindowNs && !full) return;
    if (const auto found = open_.find(key); found != open_.end()) {
      std::erase_if(found->second, [&, until = at](const Asked& a) { return a.at_ns <= until; });
      if (found->second.empty()) open_.erase(found);
    }
    if (now - at <= kWindowNs) ++evicted_;
    order_.pop_front();
  }
}

}  // namespace tocsin
