// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/denial_sync.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "capture/capture_limits.hpp"
#include "indicators/normalise.hpp"
#include "respond/respond_limits.hpp"

namespace tocsin {
namespace {

// Whoever answers for a denied name can name any address. The kernel side must not let him cut the
// host off from itself or from its own networks; what a set names itself is denied nevertheless.
constexpr std::array<std::string_view, 12> kSpecial = {
    "0.0.0.0/8",      "10.0.0.0/8",    "100.64.0.0/10",  "127.0.0.0/8",
    "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16", "224.0.0.0/3",
    "::/127",         "fc00::/7",      "fe80::/10",      "ff00::/8"};

KernelResponse::Network kernel_network(const IpNetwork& network) {
  return {network.address, network.prefix};
}

template <typename Pairs>
auto keys_of(const Pairs& pairs) {
  std::vector<typename Pairs::value_type::first_type> keys;
  keys.reserve(pairs.size());
  for (const auto& [key, verdict] : pairs) keys.push_back(key);
  return keys;
}

bool before(const IpNetwork& a, const IpNetwork& b) {
  return std::tie(a.address, a.prefix) < std::tie(b.address, b.prefix);
}

// Calls drop with each key of old that is not in now.
template <typename Key, typename Less, typename Drop>
void drop_gone(std::vector<Key> old, std::vector<Key> now, Less less, Drop drop) {
  std::ranges::sort(old, less);
  std::ranges::sort(now, less);
  for (const auto& key : old)
    if (!std::ranges::binary_search(now, key, less)) drop(key);
}

}  // namespace

BootNs DenialSync::boot_of(WallNs wall) const {
  const auto now = parts_.clock.wall_ns();
  const auto boot = parts_.clock.boot_ns();
  return wall <= now ? 1 : boot + static_cast<BootNs>(wall - now);
}

DenialSync::Verdict::Act DenialSync::act() const {
  return parts_.policy.dry_run() ? Verdict::Act::kRehearse : Verdict::Act::kDeny;
}

void DenialSync::apply(const Index& index) {
  Wanted wanted;
  next_change_ = INT64_MAX;
  counters_ = {.learned = counters_.learned};
  for (const auto& image : index.images())
    image->for_each([&](std::uint32_t, const SetMeta& set, const IndicatorRow& row) {
      want(wanted, set, row);
    });
  forget(active_, wanted);
  put(wanted);
  forget_names(wanted);
  counters_.networks = wanted.networks.size();
  counters_.names = wanted.names.size();
  counters_.digests = wanted.digests.size();
  active_ = std::move(wanted);
  std::ranges::sort(active_.networks, before, &std::pair<IpNetwork, Verdict>::first);
  parts_.kernel.judge_content_anew();
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
    next_change_ = std::min(next_change_, *until);
    verdict.until_ns = boot_of(*until);
  }
  switch (row.type) {
    case IndicatorType::kIp:
    case IndicatorType::kCidr:
      if (parts_.policy.allows(row.network)) {
        ++counters_.spared;
      } else {
        wanted.networks.emplace_back(row.network, verdict);
      }
      break;
    case IndicatorType::kDomain:
      verdict.exact = row.exact;
      want_name(wanted, row.text, verdict);
      break;
    case IndicatorType::kUrl:
      if (!row.host_match) break;
      if (const auto address = IpAddress::parse(row.host)) {
        wanted.networks.emplace_back(IpNetwork::single(*address), verdict);
      } else {
        want_name(wanted, row.host, verdict);
      }
      break;
    case IndicatorType::kSha256: {
      Sha256 digest;
      std::ranges::copy(row.digest, digest.bytes.begin());
      if (parts_.policy.allows(digest)) {
        ++counters_.spared;
      } else {
        wanted.digests.emplace_back(digest, verdict);
      }
      break;
    }
    default:
      break;  // the kernel makes SHA-256 only, and knows no paths
  }
}

void DenialSync::want_name(Wanted& wanted, std::string name, Verdict verdict) const {
  if (!parts_.policy.allows_name(name)) wanted.names.emplace_back(std::move(name), verdict);
}

void DenialSync::spare_special() {
  const auto spare = [&](const IpNetwork& network) {
    (void)parts_.kernel.deny(kernel_network(network), {.act = Verdict::Act::kSpare});
  };
  for (const auto& text : kSpecial)
    if (const auto network = parse_network(text)) spare(*network);
  for (const auto& network : parts_.policy.allowed_networks()) spare(network);
}

void DenialSync::put(const Wanted& wanted) {
  const auto& has = parts_.kernel.options();
  const auto count = [this](const Result<void>& done) {
    if (!done) ++counters_.left_out;
  };
  if (has.network) {
    spare_special();
    for (const auto& [network, verdict] : wanted.networks)
      count(parts_.kernel.deny(kernel_network(network), verdict));
    for (const auto& [name, verdict] : wanted.names) count(parts_.kernel.deny_name(name, verdict));
    for (const auto& name : parts_.policy.allowed_names())
      count(parts_.kernel.deny_name(name, {.act = Verdict::Act::kSpare}));
  }
  if (has.content)
    for (const auto& [digest, verdict] : wanted.digests)
      count(parts_.kernel.deny_content(digest, verdict));
}

void DenialSync::forget(const Wanted& old, const Wanted& now) {
  const auto& has = parts_.kernel.options();
  if (has.network) {
    drop_gone(keys_of(old.networks), keys_of(now.networks), before,
              [&](const IpNetwork& n) { parts_.kernel.forget(kernel_network(n)); });
    drop_gone(keys_of(old.names), keys_of(now.names), std::less<>{},
              [&](const std::string& n) { parts_.kernel.forget_name(n); });
  }
  if (has.content)
    drop_gone(keys_of(old.digests), keys_of(now.digests), std::less<>{},
              [&](const Sha256& d) { parts_.kernel.forget_content(d); });
}

// Addresses of names that are not denied any more.
void DenialSync::forget_names(const Wanted& wanted) {
  std::set<std::string_view> names;
  for (const auto& [name, verdict] : wanted.names) names.insert(name);
  const auto denied = [&](std::string_view name) {
    for (;;) {
      if (names.contains(name)) return true;
      const auto dot = name.find('.');
      if (dot == std::string_view::npos) return false;
      name.remove_prefix(dot + 1);
    }
  };
  std::erase_if(learned_, [&](const auto& entry) {
    if (denied(entry.second.name)) return false;
    parts_.kernel.forget({entry.first, IpNetwork::single(entry.first).prefix});
    return true;
  });
  counters_.learned = learned_.size();
}

void DenialSync::learn(const DnsEvent& answer, const ResponsePolicy::Decision& decision) {
  if (decision.mode != ResponseMode::kDeny || !parts_.kernel.options().network) return;
  const auto boot = parts_.clock.boot_ns();
  for (const auto& record : answer.answers) {
    const auto life =
        std::clamp<std::uint64_t>(std::uint64_t{record.ttl_s} * kNsPerSecond,
                                  limits::kDeniedAnswerLeastNs, limits::kDeniedAnswerMostNs);
    auto until = boot + life;
    if (decision.until_ns) until = std::min(until, boot_of(*decision.until_ns));
    const Learned learned{answer.qname, until};
    if (record.type == "A" || record.type == "AAAA")
      if (const auto address = IpAddress::parse(record.data)) learn_one(*address, learned, act());
    for (const auto& hint : record.hints) learn_one(hint, learned, act());
  }
  counters_.learned = learned_.size();
}

void DenialSync::learn_one(const IpAddress& address, const Learned& learned, Verdict::Act act) {
  const auto single = IpNetwork::single(address);
  // What an indicator names itself stays as it is.
  if (std::ranges::binary_search(active_.networks, single, before,
                                 &std::pair<IpNetwork, Verdict>::first))
    return;
  const auto network = kernel_network(single);
  if (why_unwatched(address, parts_.is_guarded) || parts_.policy.allows(single)) {
    parts_.kernel.forget(network);
    ++counters_.spared;
    return;
  }
  if (learned_.size() >= limits::kLearnedDenialsMax && !learned_.contains(address)) {
    const auto first = std::ranges::min_element(
        learned_, {}, [](const auto& entry) { return entry.second.until_ns; });
    parts_.kernel.forget({first->first, IpNetwork::single(first->first).prefix});
    learned_.erase(first);
    ++counters_.left_out;
  }
  if (!parts_.kernel.deny(network, {.act = act, .until_ns = learned.until_ns})) {
    ++counters_.left_out;
    return;
  }
  learned_.insert_or_assign(address, learned);
}

void DenialSync::tick() {
  const auto now = parts_.clock.boot_ns();
  std::erase_if(learned_, [&](const auto& entry) {
    if (entry.second.until_ns > now) return false;
    parts_.kernel.forget({entry.first, IpNetwork::single(entry.first).prefix});
    return true;
  });
  counters_.learned = learned_.size();
}

}  // namespace tocsin
