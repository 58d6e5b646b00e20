// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "containers/container_directory.hpp"

#include <utility>
#include <vector>

namespace tocsin {
namespace {

constexpr auto kForget = [](const auto&, const auto&) {};

}  // namespace

Result<std::unique_ptr<ContainerDirectory>> ContainerDirectory::start(
    EventLoop& loop, ContainerStateFiles files, std::function<void(const std::string&)> on_answer) {
  std::unique_ptr<ContainerDirectory> out(
      new ContainerDirectory(std::move(files), std::move(on_answer)));
  TOCSIN_TRY(out->timer_, loop.add_timer(UINT64_MAX, [self = out.get()] { self->ask_again(); }));
  TOCSIN_TRY(out->worker_, Worker::start(loop));
  return out;
}

void ContainerDirectory::want(const std::string& id) {
  auto& entry = entries_.get(id, kForget);
  switch (entry.state) {
    case State::kAsked:
    case State::kNamed:
      return;
    case State::kUnnamed:
      if (now_us() < entry.given_up_us + limits::kContainerGiveUpUs) return;
      entry.tries = 0;
      break;
    case State::kNew:
    case State::kWaiting:  // something happened in it: it is further along than its time says
      break;
  }
  ask(id, entry);
}

void ContainerDirectory::ask(const std::string& id, Entry& entry) {
  entry.facts.id = id;
  if (asked_ >= limits::kContainerLookupsMax) {
    ++counters_.refused;
    entry.facts.unnamed_because = "too many containers were looked up at once";
    return wait_or_give_up(id, entry);
  }
  ++asked_;
  ++counters_.lookups;
  entry.state = State::kAsked;
  worker_->submit([this, files = files_, id] {
    auto facts = files.find(id);
    return [this, facts = std::move(facts)]() mutable { take(std::move(facts)); };
  });
}

void ContainerDirectory::take(ContainerFacts facts) {
  --asked_;
  const auto id = facts.id;
  auto& entry = entries_.get(id, kForget);
  entry.facts = std::move(facts);
  if (!entry.facts.named()) return wait_or_give_up(id, entry);
  entry.state = State::kNamed;
  ++counters_.named;
  on_answer_(id);
}

void ContainerDirectory::wait_or_give_up(const std::string& id, Entry& entry) {
  entry.state = State::kWaiting;
  if (entry.due) return;
  if (entry.tries < limits::kContainerTriesMax && is_container_id(id)) {
    entry.due = true;
    due_.push_back({now_us() + (limits::kContainerRetryUs << entry.tries++), id});
    if (due_.size() == 1) timer_.rearm_us(limits::kContainerRetryUs);
    return;
  }
  entry.state = State::kUnnamed;
  entry.given_up_us = now_us();
  ++counters_.unnamed;
  on_answer_(id);
}

void ContainerDirectory::ask_again() {
  std::vector<std::string> ready;
  std::erase_if(due_, [&, now = now_us()](Due& due) {
    if (due.at_us > now) return false;
    ready.push_back(std::move(due.id));
    return true;
  });
  for (const auto& id : ready) {
    auto* entry = entries_.find(id);
    if (entry == nullptr) continue;
    entry->due = false;
    if (entry->state == State::kWaiting) ask(id, *entry);
  }
  if (!due_.empty()) timer_.rearm_us(limits::kContainerRetryUs);
}

const ContainerFacts* ContainerDirectory::find(const std::string& id) {
  const auto* entry = entries_.find(id);
  const bool answered =
      entry != nullptr && (entry->state == State::kNamed || entry->state == State::kUnnamed);
  return answered ? &entry->facts : nullptr;
}

bool ContainerDirectory::pending(const std::string& id) {
  const auto* entry = entries_.find(id);
  return entry != nullptr && (entry->state == State::kAsked || entry->state == State::kWaiting);
}

}  // namespace tocsin
