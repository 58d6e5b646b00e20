// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/clock.hpp"
#include "base/ip_address.hpp"
#include "base/limits.hpp"
#include "names/name_candidate.hpp"
#include "names/unwatched.hpp"

namespace tocsin {

// Addresses that indicator names resolve to now: from answers that were seen on this host, whoever
// asked, and from the relay's own look-ups. Weak evidence by itself: hosters share and reassign
// addresses. Short-lived, bounded by kWatchedAddressesMax (the longest unheard goes, counted).
// State thread only.
class WatchedAddresses {
 public:
  struct Origin {
    std::string domain;  // the indicator's name, or the name below it that was asked for
    NameSource source = NameSource::kOtherDns;  // kOtherDns: seen; kActiveLookup: asked by tocsin
    WallNs learned_ns = 0;
    WallNs until_ns = 0;
    std::uint32_t ttl_s = 0;
  };
  struct Counters {
    std::uint64_t watched = 0;  // now
    std::uint64_t evicted = 0;
    UnwatchedCounts dropped{};
  };

  // is_sinkhole may be empty: none is known.
  explicit WatchedAddresses(IsSinkhole is_sinkhole = {}) : is_sinkhole_(std::move(is_sinkhole)) {}

  // The reason when it is not watched. origin.until_ns is set here: the TTL, but at least
  // kWatchedLeastS and at most kWatchedMostS.
  std::optional<Unwatched> learn(const IpAddress& address, Origin origin);
  // Null when it is not watched, or no more.
  const Origin* find(const IpAddress& address, WallNs at);
  [[nodiscard]] const Counters& counters() const { return counters_; }

 private:
  struct Entry {
    Origin origin;
    std::list<IpAddress>::iterator use;
  };
  IsSinkhole is_sinkhole_;
  std::unordered_map<IpAddress, Entry, IpAddressHash> entries_;
  std::list<IpAddress> uses_;  // longest unheard first
  Counters counters_;
};

}  // namespace tocsin
