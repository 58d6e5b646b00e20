// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/held_contacts.hpp"

#include "daemon/beacon_subject.hpp"

namespace tocsin {
namespace {

constexpr WallNs kMoreNs = 10 * kNsPerSecond;    // a hello, a connect, a question comes by then
constexpr WallNs kDigestNs = 60 * kNsPerSecond;  // then the file's identity has to do
constexpr std::uint16_t kDnsPort = 53;

}  // namespace

std::size_t ConnectionIdHash::operator()(const ConnectionId& id) const {
  return (id.cookie * 0x9e3779b97f4a7c15ULL) ^ ProcessIdHash()(id.process) ^
         (id.remote.address.hash() + id.remote.port);
}

ConnectionId connection_id(std::uint64_t cookie, ProcessId process, const Endpoint& remote) {
  if (cookie != 0) return {cookie, {}, {}};
  return {0, process, remote};
}

bool HeldContacts::resolves(const HeldContact& contact) {
  return contact.kind == ContactKind::kDns || contact.connect.remote.port == kDnsPort;
}

bool HeldContacts::waits_for_more(const HeldContact& contact) {
  return resolves(contact) || contact.connect.host.empty();
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
  if (resolves(*it)) resolving_.emplace(it->connect.head.process, it);
  counters_.waiting = items_.size();
}

bool HeldContacts::on_question(const HeldContact& question, const Endpoint& server) {
  const auto [begin, end] = resolving_.equal_range(question.connect.head.process);
  bool known = false;
  for (auto it = begin; it != end; ++it) {
    auto& held = *it->second;
    if (held.kind == ContactKind::kDns) {
      known = known || held.question == question.question;
    } else if (held.counts && (server.port == 0 || held.connect.remote == server)) {
      held.counts = false;
      ++counters_.asking;
    }
  }
  return !known;
}

void HeldContacts::on_followed(ProcessId process, const std::string& domain) {
  const auto [begin, end] = resolving_.equal_range(process);
  for (auto it = begin; it != end; ++it) {
    auto& held = *it->second;
    if (held.kind != ContactKind::kDns || !held.counts || held.name != domain) continue;
    held.counts = false;
    ++counters_.followed;
  }
}

void HeldContacts::on_name(const ConnectionId& id, const std::string& host) {
  if (auto* held = find(id); held != nullptr && held->connect.host.empty())
    held->connect.host = host;
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
  const auto [begin, end] = resolving_.equal_range(contact.connect.head.process);
  for (auto r = begin; r != end; ++r)
    if (r->second == it) {
      resolving_.erase(r);
      break;
    }
  items_.erase(it);
  counters_.waiting = items_.size();
  if (!contact.counts) return;
  if (waits_for_digest(contact)) ++counters_.unhashed;
  release_(contact);
}

}  // namespace tocsin
