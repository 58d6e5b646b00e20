// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "names/name_cache.hpp"

#include <algorithm>
#include <tuple>

namespace tocsin {
namespace {

// Clients keep answers a little longer than the TTL says, and zero means "use it once".
constexpr WallNs kNameGraceNs = 60 * kNsPerSecond;
constexpr WallNs kHelloFreshNs = 600 * kNsPerSecond;
constexpr WallNs kNameKeptNs = 24 * 3600 * kNsPerSecond;
constexpr std::size_t kNameLearnersMax = 4;
constexpr std::size_t kChainMax = 8;
// Of an entry, beside its records: map node, list node.
constexpr std::size_t kEntryBytes = 192;

// The CNAMEs that lead from the question to the owner of a record, in order.
std::vector<std::string> chain_to(const DnsEvent& answer, const std::string& owner) {
  std::vector<std::string> chain;
  if (owner.empty() || owner == answer.qname) return chain;
  std::string at = answer.qname;
  while (chain.size() < kChainMax && at != owner) {
    const auto step = std::ranges::find_if(answer.answers, [&](const DnsAnswer& a) {
      return a.type == "CNAME" && (a.owner == at || a.owner.empty());
    });
    if (step == answer.answers.end()) break;
    chain.push_back(step->data);
    at = step->data;
  }
  return chain;
}

bool is_answer(NameSource recorded) {
  return recorded == NameSource::kOtherDns || recorded == NameSource::kResolverMonitor;
}

// The least is the best.
auto rank_of(const NameCandidate& c) {
  return std::tuple(c.stale, !c.own, c.source, -c.learned_ns);
}

NameSource source_of(HelloKind kind) {
  switch (kind) {
    case HelloKind::kTls:
      return NameSource::kTlsSni;
    case HelloKind::kQuic:
      return NameSource::kQuicSni;
    case HelloKind::kHttp:
      break;
  }
  return NameSource::kHttpHost;
}

}  // namespace

std::string_view to_string(NameSource source) {
  static constexpr std::string_view kWords[] = {"own-dns",      "tls-sni",   "quic-sni",
                                                "http-host",    "other-dns", "resolver-monitor",
                                                "active-lookup"};
  return kWords[static_cast<std::size_t>(source)];
}

std::size_t NameCache::KeyHash::operator()(const Key& key) const {
  return key.address.hash() ^ (key.net_ns * 0x9e3779b97f4a7c15ULL);
}

void NameCache::learn(const DnsEvent& answer, bool ours) {
  const auto source = answer.origin == DnsOrigin::kResolverMonitor ? NameSource::kResolverMonitor
                                                                   : NameSource::kOtherDns;
  const auto teach = [&](const IpAddress& address, const DnsAnswer& record) {
    const WallNs at = answer.head.time_ns;
    const WallNs fresh_until = at + WallNs{record.ttl_s} * kNsPerSecond + kNameGraceNs;
    add(address, {answer.net_ns,
                  source,
                  answer.qname,
                  chain_to(answer, record.owner),
                  {answer.head.process, at, fresh_until, record.ttl_s, ours}});
  };
  for (const auto& record : answer.answers) {
    if (record.type == "A" || record.type == "AAAA")
      if (const auto address = IpAddress::parse(record.data)) teach(*address, record);
    for (const auto& hint : record.hints) teach(hint, record);
  }
}

void NameCache::learn(const HelloEvent& hello) {
  if (hello.host.empty()) return;
  const WallNs at = hello.head.time_ns;
  add(hello.remote.address, {hello.net_ns,
                             source_of(hello.kind),
                             hello.host,
                             {},
                             {hello.head.process, at, at + kHelloFreshNs, 0}});
}

void NameCache::add(const IpAddress& address, Lesson lesson) {
  auto& entry = entry_of({lesson.net_ns, address});
  auto found = std::ranges::find_if(entry.records, [&](const Record& r) {
    return r.source == lesson.source && r.name == lesson.name;
  });
  if (found == entry.records.end()) {
    auto& fresh = make_room(entry);
    fresh = {lesson.name, lesson.source, std::move(lesson.chain), {lesson.learner}};
    counters_.bytes += size_of(fresh);
    ++counters_.learned;
    ++counters_.names;
  } else {
    counters_.bytes -= size_of(*found);
    found->chain = std::move(lesson.chain);
    std::erase_if(found->learners,
                  [&](const Learner& l) { return l.process == lesson.learner.process; });
    if (found->learners.size() == kNameLearnersMax) found->learners.erase(found->learners.begin());
    found->learners.push_back(lesson.learner);
    counters_.bytes += size_of(*found);
    ++counters_.refreshed;
    std::rotate(found, found + 1, entry.records.end());  // latest heard last
  }
  while (counters_.bytes > options_.bytes_max && entries_.size() > 1) evict_one();
}

NameCache::Entry& NameCache::entry_of(const Key& key) {
  const auto found = entries_.find(key);
  if (found != entries_.end()) {
    uses_.splice(uses_.end(), uses_, found->second.use);
    return found->second;
  }
  while (entries_.size() >= options_.addresses_max) evict_one();
  auto& entry = entries_[key];
  entry.use = uses_.insert(uses_.end(), key);
  counters_.bytes += kEntryBytes;
  ++counters_.addresses;
  return entry;
}

NameCache::Record& NameCache::make_room(Entry& entry) {
  if (entry.records.size() >= limits::kNamesPerAddressMax) {
    counters_.bytes -= size_of(entry.records.front());
    entry.records.erase(entry.records.begin());
    ++entry.forgotten;
    ++counters_.evicted_names;
    --counters_.names;
  }
  return entry.records.emplace_back();
}

void NameCache::evict_one() {
  drop(entries_.find(uses_.front()));
  ++counters_.evicted_addresses;
}

void NameCache::drop(std::unordered_map<Key, Entry, KeyHash>::iterator it) {
  for (const auto& record : it->second.records) counters_.bytes -= size_of(record);
  counters_.bytes -= kEntryBytes;
  counters_.names -= it->second.records.size();
  --counters_.addresses;
  uses_.erase(it->second.use);
  entries_.erase(it);
}

std::size_t NameCache::size_of(const Record& record) {
  std::size_t bytes = sizeof record + record.name.size();
  for (const auto& name : record.chain) bytes += sizeof name + name.size();
  return bytes + record.learners.size() * sizeof(Learner);
}

std::optional<NameCandidate> NameCache::latest_asked(const Entry& entry, WallNs at) {
  const Record* last = nullptr;
  const Learner* by = nullptr;
  for (const auto& record : entry.records) {
    if (!is_answer(record.source)) continue;
    for (const auto& learner : record.learners)
      if (!learner.ours && at - learner.at_ns <= kNameKeptNs &&
          (by == nullptr || learner.at_ns >= by->at_ns))
        last = &record, by = &learner;
  }
  return by == nullptr ? std::nullopt : std::optional(candidate(*last, *by, at));
}

std::optional<NameCandidate> NameCache::asked_name(std::uint32_t net_ns, const IpAddress& address,
                                                   WallNs at) const {
  const auto found = entries_.find({net_ns, address});
  if (found == entries_.end()) return std::nullopt;
  return latest_asked(found->second, at);
}

void NameCache::for_each_asked(WallNs at, const TakeAsked& take) const {
  for (const auto& [key, entry] : entries_)
    if (const auto name = latest_asked(entry, at)) take(key.net_ns, key.address, *name);
}

std::vector<NameCandidate> NameCache::candidates(const Question& question) {
  std::vector<NameCandidate> out;
  const auto found = entries_.find({question.net_ns, question.address});
  if (found == entries_.end()) return out;
  auto& entry = found->second;
  uses_.splice(uses_.end(), uses_, entry.use);
  std::vector<std::string_view> distinct;
  for (const auto& record : entry.records) {
    out.push_back(candidate(record, question));
    if (std::ranges::find(distinct, record.name) == distinct.end()) distinct.push_back(record.name);
  }
  for (auto& c : out) c.sharing = distinct.size() + entry.forgotten;
  std::ranges::sort(out, {}, rank_of);
  return out;
}

NameCandidate NameCache::candidate(const Record& record, const Question& question) {
  const auto own = std::ranges::find_if(record.learners, [&](const Learner& l) {
    return l.process.known() && l.process == question.process;
  });
  const bool known = own != record.learners.end();
  auto out = candidate(record, known ? *own : record.learners.back(), question.at_ns);
  out.own = known;
  if (known && record.source == NameSource::kOtherDns) out.source = NameSource::kOwnDns;
  return out;
}

NameCandidate NameCache::candidate(const Record& record, const Learner& learner, WallNs at) {
  NameCandidate out;
  out.name = record.name;
  out.source = record.source;
  out.learned_by = learner.process;
  out.learned_ns = learner.at_ns;
  if (at > learner.at_ns) out.age_ns = static_cast<std::uint64_t>(at - learner.at_ns);
  if (is_answer(record.source)) out.ttl_s = learner.ttl_s;
  out.stale = at > learner.fresh_until_ns;
  out.chain = record.chain;
  return out;
}

void NameCache::expire(WallNs now) {
  for (auto it = entries_.begin(); it != entries_.end();) {
    auto& records = it->second.records;
    std::erase_if(records, [&](const Record& record) {
      const auto& last = record.learners.back();
      if (now <= std::max(last.fresh_until_ns, last.at_ns + kNameKeptNs)) return false;
      counters_.bytes -= size_of(record);
      --counters_.names;
      return true;
    });
    const auto next = std::next(it);
    if (records.empty()) drop(it);
    it = next;
  }
}

}  // namespace tocsin
