// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/held_contacts.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>
#include <vector>

#include "beacon/beacon_limits.hpp"
#include "beacon/program_facts.hpp"
#include "daemon/beacon_subject.hpp"
#include "daemon/resolver_programs.hpp"

namespace tocsin {
namespace {

constexpr WallNs kMoreNs = 10 * kNsPerSecond;    // a hello, a connect, a question comes by then
constexpr WallNs kDigestNs = 60 * kNsPerSecond;  // then the file's identity has to do
constexpr std::uint16_t kNameServerPort = 53;

bool is_to_name_server(const HeldContact& contact) {
  return contact.kind == ContactKind::kConnect && contact.connect.remote.port == kNameServerPort;
}

// A question of the process that now contacts, of a fork of it, or of a resolver. A capture file
// knows no process, and its resolver is anybody.
bool has_led_to(const Subject& asked, const Subject& contacts) {
  if (asked.process == nullptr || contacts.process == nullptr) return true;
  if (asked.process->id == contacts.process->id) return true;
  if (asked.image == nullptr) return false;
  return asked.image == contacts.image ||
         (is_resolver(*asked.image) && !never_packaged(asked.image->exec.path));
}

// A question follows its connect at once: of the connects before it so many are looked at.
constexpr int kAskingLookedAt = 32;

}  // namespace

std::size_t ConnectionIdHash::operator()(const ConnectionId& id) const {
  return (id.cookie * 0x9e3779b97f4a7c15ULL) ^ ProcessIdHash()(id.process) ^
         (id.remote.address.hash() + id.remote.port);
}

ConnectionId connection_id(std::uint64_t cookie, ProcessId process, const Endpoint& remote) {
  if (cookie != 0) return {cookie, {}, {}};
  return {0, process, remote};
}

bool HeldContacts::waits_for_more(const HeldContact& contact) {
  return contact.kind == ContactKind::kDns || is_to_name_server(contact) ||
         contact.connect.host.empty();
}

bool HeldContacts::waits_for_digest(const HeldContact& contact) const {
  return contact.subject.image != nullptr && !is_settled(*contact.subject.image);
}

void HeldContacts::add(HeldContact contact) {
  if (!waits_for_more(contact) && !waits_for_digest(contact)) return release_(contact);
  if (items_.size() >= limits::kHeldContactsMax) {
    ++counters_.overflowed;
    take(items_.begin());
  }
  items_.push_back({std::move(contact), {}, {}});
  const auto it = std::prev(items_.end());
  const auto& held = it->contact;
  if (held.kind == ContactKind::kConnect) connects_[held.id()] = it;
  if (held.kind == ContactKind::kDns) {
    questions_[held.question] = it;
    it->of_domain = unfollowed_.emplace(held.name, it);
  }
  if (is_to_name_server(held)) {
    auto& asking = asking_[held.connect.head.process];
    it->of_process = asking.insert(asking.end(), it);
  }
  counters_.waiting = items_.size();
}

bool HeldContacts::on_question(const HeldContact& question, const Endpoint& server) {
  const auto asking = asking_.find(question.connect.head.process);
  std::vector<Items::iterator> asked;
  if (asking != asking_.end()) {
    int left = kAskingLookedAt;
    for (auto it = asking->second.rbegin(); it != asking->second.rend() && left > 0; ++it, --left)
      if (server.port == 0 || (*it)->contact.connect.remote == server) asked.push_back(*it);
  }
  for (const auto it : asked) {
    it->contact.counts = false;
    ++counters_.asking;
    no_longer_asks(it);
  }
  return !questions_.contains(question.question);
}

void HeldContacts::no_longer_asks(Items::iterator it) {
  const auto asking = asking_.find(it->contact.connect.head.process);
  asking->second.erase(*std::exchange(it->of_process, std::nullopt));
  if (asking->second.empty()) asking_.erase(asking);
}

void HeldContacts::on_followed(const std::string& domain, const Subject& by) {
  const auto [begin, end] = unfollowed_.equal_range(domain);
  for (auto it = begin; it != end;) {
    auto& question = it->second->contact;
    if (!has_led_to(question.subject, by)) {
      ++it;
      continue;
    }
    question.counts = false;
    it->second->of_domain.reset();
    ++counters_.followed;
    it = unfollowed_.erase(it);
  }
}

void HeldContacts::on_name(const ConnectionId& id, const std::string& host) {
  auto* held = find(id);
  if (held == nullptr || !held->connect.host.empty()) return;
  held->connect.host = host;
  held->name_said_only = true;
}

void HeldContacts::hurry(std::span<const ProcessId> processes) {
  for (auto it = items_.begin(); it != items_.end();) {
    const auto next = std::next(it);
    const auto& held = it->contact;
    if (!is_to_name_server(held) && !waits_for_digest(held) &&
        std::ranges::find(processes, held.connect.head.process) != processes.end())
      take(it);
    it = next;
  }
}

HeldContact* HeldContacts::find(const ConnectionId& id) {
  const auto it = connects_.find(id);
  return it == connects_.end() ? nullptr : &it->second->contact;
}

void HeldContacts::tick(WallNs now) {
  for (auto it = items_.begin(); it != items_.end();) {
    const auto next = std::next(it);
    // Either way: the clock may have been set back.
    const auto age = std::abs(now - it->contact.time_ns());
    const bool more = waits_for_more(it->contact) && age < kMoreNs;
    const bool digest = waits_for_digest(it->contact) && age < kDigestNs;
    if (!more && !digest) take(it);
    it = next;
  }
}

void HeldContacts::flush() {
  while (!items_.empty()) take(items_.begin());
}

void HeldContacts::take(Items::iterator it) {
  if (it->of_domain) unfollowed_.erase(*it->of_domain);
  if (it->of_process) no_longer_asks(it);
  const auto contact = std::move(it->contact);
  if (const auto known = connects_.find(contact.id());
      known != connects_.end() && known->second == it)
    connects_.erase(known);
  if (const auto known = questions_.find(contact.question);
      known != questions_.end() && known->second == it)
    questions_.erase(known);
  items_.erase(it);
  counters_.waiting = items_.size();
  if (!contact.counts) return;
  if (waits_for_digest(contact)) ++counters_.unhashed;
  release_(contact);
}

}  // namespace tocsin
