// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "names/watched_addresses.hpp"

#include <algorithm>

namespace tocsin {
namespace {

// An attacker's TTL of seconds must not let the client's next connect slip by, and one of a month
// must not outlive the server.
constexpr std::uint32_t kWatchedLeastS = 300;
constexpr std::uint32_t kWatchedMostS = 24 * 3600;

}  // namespace

std::optional<Unwatched> WatchedAddresses::learn(const IpAddress& address, Origin origin) {
  if (const auto reason = why_unwatched(address, is_sinkhole_)) {
    ++counters_.dropped[static_cast<std::size_t>(*reason)];
    return reason;
  }
  const auto seconds = std::clamp(origin.ttl_s, kWatchedLeastS, kWatchedMostS);
  origin.until_ns = origin.learned_ns + WallNs{seconds} * kNsPerSecond;
  const auto found = entries_.find(address);
  if (found != entries_.end()) {
    // What this host saw itself says more than a look-up of ours.
    const bool weaker = origin.source == NameSource::kActiveLookup &&
                        found->second.origin.source != NameSource::kActiveLookup &&
                        found->second.origin.until_ns > origin.learned_ns;
    if (!weaker) found->second.origin = std::move(origin);
    uses_.splice(uses_.end(), uses_, found->second.use);
    return std::nullopt;
  }
  if (entries_.size() >= limits::kWatchedAddressesMax) {
    entries_.erase(uses_.front());
    uses_.pop_front();
    ++counters_.evicted;
  }
  entries_.emplace(address, Entry{std::move(origin), uses_.insert(uses_.end(), address)});
  counters_.watched = entries_.size();
  return std::nullopt;
}

const WatchedAddresses::Origin* WatchedAddresses::find(const IpAddress& address, WallNs at) {
  const auto found = entries_.find(address);
  if (found == entries_.end()) return nullptr;
  if (at <= found->second.origin.until_ns) return &found->second.origin;
  uses_.erase(found->second.use);
  entries_.erase(found);
  counters_.watched = entries_.size();
  return nullptr;
}

}  // namespace tocsin
