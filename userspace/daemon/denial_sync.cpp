// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/denial_sync.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "base/nat64.hpp"
#include "capture/capture_limits.hpp"
#include "indicators/normalise.hpp"
#include "respond/respond_limits.hpp"

namespace tocsin {
namespace {

using Verdict = DenialTables::Verdict;

// Whoever answers for a denied name can name any address. The kernel side must not let him cut the
// host off from itself or from its own networks; what a set names itself is denied nevertheless.
constexpr std::array<std::string_view, 12> kSpecial = {
    "0.0.0.0/8",      "10.0.0.0/8",    "100.64.0.0/10",  "127.0.0.0/8",
    "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16", "224.0.0.0/3",
    "::/127",         "fc00::/7",      "fe80::/10",      "ff00::/8"};

// Two ends of one moment differ by what the clocks drifted between two looks at them.
constexpr BootNs kSameMomentNs = kNsPerSecond;

// Longer than a second, in which the next look comes: no gap in between.
constexpr BootNs kRenewAheadNs = 3 * kNsPerSecond;

DenialTables::Network kernel_network(const IpNetwork& network) {
  return {network.address, network.prefix};
}

template <typename Key>
bool before(const Key& a, const Key& b) {
  if constexpr (std::is_same_v<Key, IpNetwork>)
    return std::tie(a.address, a.prefix) < std::tie(b.address, b.prefix);
  else
    return a < b;
}

BootNs later(BootNs a, BootNs b) {
  return a == 0 || b == 0 ? 0 : std::max(a, b);
}

// Of two rules about one value: to deny goes before to spare, and the longer and wider counts.
void merge(Verdict& into, const Verdict& other) {
  if (other.act == Verdict::Act::kSpare) return;
  if (into.act == Verdict::Act::kSpare) {
    into = other;
    return;
  }
  into.until_ns = later(into.until_ns, other.until_ns);
  into.exact = into.exact && other.exact;
}

template <typename Table>
void settle(Table& table) {
  std::ranges::stable_sort(table,
                           [](const auto& a, const auto& b) { return before(a.first, b.first); });
  std::size_t kept = 0;
  for (auto& row : table) {
    if (kept > 0 && table[kept - 1].first == row.first)
      merge(table[kept - 1].second, row.second);
    else if (auto& free = table[kept++]; &free != &row)
      free = std::move(row);
  }
  table.erase(table.begin() + static_cast<std::ptrdiff_t>(kept), table.end());
}

template <typename Table, typename Key>
const Verdict* find(const Table& table, const Key& key) {
  const auto it = std::ranges::lower_bound(
      table, key, before<Key>, [](const auto& row) -> auto& { return row.first; });
  return it != table.end() && it->first == key ? &it->second : nullptr;
}

bool same(const Verdict& a, const Verdict& b) {
  const auto apart = std::max(a.until_ns, b.until_ns) - std::min(a.until_ns, b.until_ns);
  return a.act == b.act && a.exact == b.exact && (a.until_ns == 0) == (b.until_ns == 0) &&
         apart < kSameMomentNs;
}

struct Equalled {
  std::size_t fresh = 0, left_out = 0;
};

// Makes the kernel's table, which holds old, equal to wanted: first drop(key) for what is gone,
// then put(key, verdict) for what is new or changed, spared ones before denied ones. What there was
// no room for is left out: it leaves wanted, and is tried again the next time.
template <typename Table, typename Drop, typename Put>
Equalled make_equal(const Table& old, Table& wanted, Drop drop, Put put) {
  for (const auto& [key, verdict] : old)
    if (find(wanted, key) == nullptr) drop(key);
  std::vector<bool> failed(wanted.size());
  Equalled out;
  for (const bool spared : {true, false})
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      const auto& [key, verdict] = wanted[i];
      if ((verdict.act == Verdict::Act::kSpare) != spared) continue;
      const auto* known = find(old, key);
      if (known != nullptr && same(*known, verdict)) continue;
      if (known == nullptr) ++out.fresh;
      if (put(key, verdict)) continue;
      failed[i] = true;
      ++out.left_out;
    }
  std::size_t i = 0;
  std::erase_if(wanted, [&](const auto&) { return failed[i++]; });
  return out;
}

// Calls take with each address of the answer and how long it is good for, in seconds.
template <typename Take>
void for_each_address(const DnsEvent& answer, Take take) {
  for (const auto& record : answer.answers) {
    if (record.type == "A" || record.type == "AAAA")
      if (const auto address = IpAddress::parse(record.data)) take(*address, record.ttl_s);
    for (const auto& hint : record.hints) take(hint, record.ttl_s);
  }
}

bool is_block(const IndicatorRow& row) {
  const bool network = row.type == IndicatorType::kIp || row.type == IndicatorType::kCidr;
  return network && !row.network.is_single();
}

std::size_t denied_of(const auto& table) {
  return static_cast<std::size_t>(std::ranges::count_if(
      table, [](const auto& row) { return row.second.act != Verdict::Act::kSpare; }));
}

}  // namespace

DenialSync::Verdict::Act DenialSync::act() const {
  return parts_.policy.dry_run() ? Verdict::Act::kRehearse : Verdict::Act::kDeny;
}

void DenialSync::apply(const Index& index) {
  Wanted wanted;
  applied_ns_ = parts_.clock.wall_ns();
  next_change_ = next_expiry_ = INT64_MAX;
  counters_.spared = counters_.left_out = 0;
  for (const auto& image : index.images())
    image->for_each([&](std::uint32_t, const SetMeta& set, const IndicatorRow& row) {
      want(wanted, set, row);
    });
  const auto& has = parts_.kernel.options();
  if (has.network) {
    put_networks(wanted);
    put_names(wanted);
  }
  if (has.content) put_content(wanted);
  forget_names();
  counters_.networks = denied_of(active_.networks);
  counters_.names = denied_of(active_.names);
  counters_.digests = active_.digests.size();
}

WallNs DenialSync::next_change_ns() const {
  return std::min(next_change_, std::max(next_expiry_, applied_ns_ + limits::kExpiryWalkGapNs));
}

void DenialSync::want(Wanted& wanted, const SetMeta& set, const IndicatorRow& row) {
  const auto now = parts_.clock.wall_ns();
  if (row.expires_ns && *row.expires_ns <= now) return;
  const auto decision = parts_.policy.decide(set.set, row.severity, now);
  if (decision.mode != ResponseMode::kDeny) return;
  Verdict verdict{.act = act(), .until_ns = 0};
  auto until = decision.until_ns;
  if (row.expires_ns && (!until || *row.expires_ns < *until)) until = row.expires_ns;
  if (until) {
    const bool alone = until != decision.until_ns && !is_block(row);
    auto& next = alone ? next_expiry_ : next_change_;
    next = std::min(next, *until);
    verdict.until_ns = boot_at(parts_.clock, *until);
  }
  switch (row.type) {
    case IndicatorType::kIp:
    case IndicatorType::kCidr:
      want_network(wanted, row.network, verdict);
      break;
    case IndicatorType::kDomain:
      verdict.exact = row.exact;
      want_name(wanted, row.text, verdict);
      break;
    case IndicatorType::kUrl:
      if (!row.host_match) break;
      if (const auto address = IpAddress::parse(row.host))
        want_network(wanted, IpNetwork::single(*address), verdict);
      else
        want_name(wanted, row.host, verdict);
      break;
    case IndicatorType::kSha256: {
      Sha256 digest;
      std::ranges::copy(row.digest, digest.bytes.begin());
      if (parts_.policy.allows(digest))
        ++counters_.spared;
      else
        wanted.digests.emplace_back(digest, verdict);
      break;
    }
    default:
      break;  // the kernel makes SHA-256 only, and knows no paths
  }
}

void DenialSync::want_network(Wanted& wanted, const IpNetwork& network, Verdict verdict) {
  if (parts_.policy.allows(network))
    ++counters_.spared;
  else
    wanted.networks.emplace_back(network, verdict);
}

void DenialSync::want_name(Wanted& wanted, std::string name, Verdict verdict) {
  if (parts_.policy.allows_name(name))
    ++counters_.spared;
  else
    wanted.names.emplace_back(std::move(name), verdict);
}

// Networks of guard lists are spared for a name's sake only: not inside a block that a set denies.
void DenialSync::want_spared(Wanted& wanted) const {
  constexpr Verdict kSpare{.act = Verdict::Act::kSpare};
  std::set<IpNetwork, bool (*)(const IpNetwork&, const IpNetwork&)> blocks(before<IpNetwork>);
  std::set<std::uint8_t> prefixes;
  for (const auto& [network, verdict] : wanted.networks) {
    if (network.is_single()) continue;
    blocks.insert(network);
    prefixes.insert(network.prefix);
  }
  const auto is_denied = [&](const IpNetwork& network) {
    return std::ranges::any_of(prefixes, [&](std::uint8_t prefix) {
      return prefix <= network.prefix && blocks.contains(IpNetwork::of(network.address, prefix));
    });
  };
  for (const auto& network : parts_.spared)
    if (!is_denied(network)) wanted.networks.emplace_back(network, kSpare);
  for (const auto& text : kSpecial)
    if (const auto network = parse_network(text)) wanted.networks.emplace_back(*network, kSpare);
  for (const auto& network : parts_.policy.allowed_networks())
    wanted.networks.emplace_back(network, kSpare);
}

void DenialSync::put_networks(Wanted& wanted) {
  want_spared(wanted);
  settle(wanted.networks);
  std::vector<IpAddress> touched;  // and learned, too: both decide
  const auto touch = [&](const IpNetwork& network) {
    if (network.is_single() && learned_.find(network.address) != nullptr)
      touched.push_back(network.address);
  };
  const auto done = make_equal(
      active_.networks, wanted.networks,
      [&](const IpNetwork& network) {
        parts_.kernel.forget(kernel_network(network));
        touch(network);
      },
      [&](const IpNetwork& network, const Verdict& verdict) {
        touch(network);
        return parts_.kernel.deny(kernel_network(network), verdict).has_value();
      });
  counters_.left_out += done.left_out;
  active_.networks = std::move(wanted.networks);
  for (const auto& address : touched) release(address);
}

void DenialSync::put_names(Wanted& wanted) {
  for (const auto& name : parts_.policy.allowed_names())
    wanted.names.emplace_back(name, Verdict{.act = Verdict::Act::kSpare});
  settle(wanted.names);
  const auto done = make_equal(
      active_.names, wanted.names,
      [&](const std::string& name) { parts_.kernel.forget_name(name); },
      [&](const std::string& name, const Verdict& verdict) {
        return parts_.kernel.deny_name(name, verdict).has_value();
      });
  counters_.left_out += done.left_out;
  active_.names = std::move(wanted.names);
}

void DenialSync::put_content(Wanted& wanted) {
  settle(wanted.digests);
  const auto done = make_equal(
      active_.digests, wanted.digests,
      [&](const Sha256& digest) { parts_.kernel.forget_content(digest); },
      [&](const Sha256& digest, const Verdict& verdict) {
        return parts_.kernel.deny_content(digest, verdict).has_value();
      });
  counters_.left_out += done.left_out;
  active_.digests = std::move(wanted.digests);
  if (done.fresh > 0) parts_.kernel.judge_content_anew();
}

// Addresses of names that are not denied any more.
void DenialSync::forget_names() {
  const auto gone = [this](std::string_view name) {
    for (;;) {
      const auto* verdict = find(active_.names, std::string(name));
      if (verdict != nullptr && verdict->act != Verdict::Act::kSpare) return false;
      const auto dot = name.find('.');
      if (dot == std::string_view::npos) return true;
      name.remove_prefix(dot + 1);
    }
  };
  for (const auto& address : learned_.forget_names(gone)) release(address);
  counters_.learned = learned_.size();
}

void DenialSync::learn(const DnsEvent& answer, const ResponsePolicy::Decision& decision) {
  if (decision.mode != ResponseMode::kDeny) return take_back(answer);
  if (!parts_.kernel.options().network) return;
  const auto boot = parts_.clock.boot_ns();
  for_each_address(answer, [&](const IpAddress& address, std::uint32_t ttl_s) {
    const auto life =
        std::clamp<std::uint64_t>(std::uint64_t{ttl_s} * kNsPerSecond, limits::kDeniedAnswerLeastNs,
                                  limits::kDeniedAnswerMostNs);
    auto until = boot + life;
    if (decision.until_ns) until = std::min(until, boot_at(parts_.clock, *decision.until_ns));
    learn_one(address, {decision.name, until, answer.net_ns});
  });
  counters_.learned = learned_.size();
}

void DenialSync::learn_known(std::uint32_t net_ns, const IpAddress& address,
                             const ResponsePolicy::Decision& decision) {
  if (decision.mode != ResponseMode::kDeny || !parts_.kernel.options().network) return;
  auto until = parts_.clock.boot_ns() + limits::kDeniedAnswerLeastNs;
  if (decision.until_ns) until = std::min(until, boot_at(parts_.clock, *decision.until_ns));
  learn_one(address, {decision.name, until, net_ns});
  counters_.learned = learned_.size();
}

void DenialSync::learn_one(const IpAddress& address, const LearnedDenials::Entry& entry) {
  if (is_spared(address)) {
    ++counters_.spared;
  } else if (const auto gone = learned_.learn(address, entry)) {
    ++counters_.given_up;
    release(*gone);
  }
  release(address);
}

void DenialSync::take_back(const DnsEvent& answer) {
  if (!parts_.kernel.options().network) return;
  for_each_address(answer, [&](const IpAddress& address, std::uint32_t) { release(address); });
}

bool DenialSync::is_spared(const IpAddress& address) const {
  // Through a translator, it is the peer behind it that is spared.
  if (const auto meant = behind_nat64(address); meant && is_spared(*meant)) return true;
  const auto single = IpNetwork::single(address);
  const auto* said = find(active_.networks, single);
  return why_unwatched(address, parts_.is_guarded) || parts_.policy.allows(single) ||
         (said != nullptr && said->act == Verdict::Act::kSpare);
}

// Puts what holds for a single address now: what an indicator or the policy says of it, what an
// answer said, the longer of both, or nothing.
void DenialSync::release(const IpAddress& address) {
  const auto single = IpNetwork::single(address);
  const auto network = kernel_network(single);
  const auto* said = find(active_.networks, single);
  const auto* learned = learned_.find(address);
  if (said == nullptr && learned == nullptr) return parts_.kernel.forget(network);
  Verdict verdict{.act = act(), .until_ns = learned != nullptr ? learned->until_ns : 0};
  if (said != nullptr) {
    verdict = *said;
    if (learned != nullptr && said->act != Verdict::Act::kSpare)
      verdict.until_ns = later(said->until_ns, learned->until_ns);
  }
  if (parts_.kernel.deny(network, verdict)) return;
  ++counters_.given_up;
  learned_.forget(address);
}

void DenialSync::tick() {
  if (!parts_.kernel.options().network) return;
  const auto now = parts_.clock.boot_ns();
  if (parts_.named)
    for (const auto& [address, net_ns] : learned_.ending(now + kRenewAheadNs))
      learn_known(net_ns, address, parts_.named(net_ns, address));
  for (const auto& address : learned_.expire(now)) release(address);
  for (const auto& address : parts_.kernel.sweep(now, limits::kSweepLooks)) {
    ++counters_.swept;
    // An indicator's own, or one that was learned again just now.
    if (find(active_.networks, IpNetwork::single(address)) != nullptr ||
        learned_.find(address) != nullptr)
      release(address);
  }
  counters_.learned = learned_.size();
}

}  // namespace tocsin
