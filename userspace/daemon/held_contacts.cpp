// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/held_contacts.hpp"

#include <algorithm>
#include <utility>

#include "beacon/beacon_limits.hpp"
#include "daemon/beacon_subject.hpp"

namespace tocsin {
namespace {

constexpr WallNs kMoreNs = 10 * kNsPerSecond;    // a hello, a connect, a question comes by then
constexpr WallNs kDigestNs = 60 * kNsPerSecond;  // then the file's identity has to do
constexpr std::uint16_t kDnsPort = 53;

bool is_to_name_server(const HeldContact& contact) {
  return contact.kind == ContactKind::kConnect && contact.connect.remote.port == kDnsPort;
}

// Takes the one entry for it out of an index.
template <typename Index, typename Iterator>
void drop(Index& index, const typename Index::key_type& key, Iterator it) {
  const auto [begin, end] = index.equal_range(key);
  for (auto entry = begin; entry != end; ++entry)
    if (entry->second == it) return void(index.erase(entry));
}

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
  items_.push_back(std::move(contact));
  const auto it = std::prev(items_.end());
  if (it->kind == ContactKind::kConnect) connects_[it->id()] = it;
  if (it->kind == ContactKind::kDns) questions_.emplace(it->name, it);
  if (is_to_name_server(*it)) asking_.emplace(it->connect.head.process, it);
  counters_.waiting = items_.size();
}

bool HeldContacts::on_question(const HeldContact& question, const Endpoint& server) {
  const auto [begin, end] = asking_.equal_range(question.connect.head.process);
  for (auto it = begin; it != end; ++it) {
    auto& held = *it->second;
    if (!held.counts || (server.port != 0 && held.connect.remote != server)) continue;
    held.counts = false;
    ++counters_.asking;
  }
  const auto [first, last] = questions_.equal_range(question.name);
  return std::none_of(
      first, last, [&](const auto& entry) { return entry.second->question == question.question; });
}

void HeldContacts::on_followed(const std::string& domain) {
  const auto [begin, end] = questions_.equal_range(domain);
  for (auto it = begin; it != end; ++it) {
    if (!std::exchange(it->second->counts, false)) continue;
    ++counters_.followed;
  }
}

void HeldContacts::on_name(const ConnectionId& id, const std::string& host) {
  if (auto* held = find(id); held != nullptr && held->connect.host.empty())
    held->connect.host = host;
}

void HeldContacts::hurry(std::span<const ProcessId> processes) {
  for (auto it = items_.begin(); it != items_.end();) {
    const auto next = std::next(it);
    if (!is_to_name_server(*it) && !waits_for_digest(*it) &&
        std::ranges::find(processes, it->connect.head.process) != processes.end())
      take(it);
    it = next;
  }
}

HeldContact* HeldContacts::find(const ConnectionId& id) {
  const auto it = connects_.find(id);
  return it == connects_.end() ? nullptr : &*it->second;
}

void HeldContacts::tick(WallNs now) {
  for (auto it = items_.begin(); it != items_.end();) {
    const auto next = std::next(it);
    const auto age = now - it->time_ns();
    const bool more = waits_for_more(*it) && age < kMoreNs;
    const bool digest = waits_for_digest(*it) && age < kDigestNs;
    if (!more && !digest) take(it);
    it = next;
  }
}

void HeldContacts::flush() {
  while (!items_.empty()) take(items_.begin());
}

void HeldContacts::take(Items::iterator it) {
  const auto contact = std::move(*it);
  if (const auto known = connects_.find(contact.id());
      known != connects_.end() && known->second == it)
    connects_.erase(known);
  drop(questions_, contact.name, it);
  drop(asking_, contact.connect.head.process, it);
  items_.erase(it);
  counters_.waiting = items_.size();
  if (!contact.counts) return;
  if (waits_for_digest(contact)) ++counters_.unhashed;
  release_(contact);
}

}  // namespace tocsin
