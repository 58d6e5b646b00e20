// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "capture/denial_tables.hpp"
#include "daemon/learned_denials.hpp"
#include "event/name_event.hpp"
#include "indicators/index.hpp"
#include "names/unwatched.hpp"
#include "respond/response_policy.hpp"

namespace tocsin {

// Keeps what the kernel side refuses equal to what the indicators and the policy say: networks,
// names, content, and the addresses that denied names have now. State thread only.
class DenialSync {
 public:
  struct Parts {
    const Clock& clock;
    DenialTables& kernel;
    const ResponsePolicy& policy;
    IsSinkhole is_guarded = {};  // never denied for a name's sake: public resolvers, sinkholes, …
    // As far as they can be listed beforehand, with the host's own addresses and name servers.
    std::vector<IpNetwork> spared = {};
    // What is to be done about the name that the address has by an answer of old. Asked before a
    // denial ends: as long as a contact would raise an alert under that name, it is refused.
    std::function<ResponsePolicy::Decision(std::uint32_t net_ns, const IpAddress&)> named = {};
  };
  struct Counters {
    std::uint64_t networks = 0, names = 0, digests = 0;  // of indicators, now
    std::uint64_t learned = 0;                           // addresses of names, now
    std::uint64_t spared = 0;    // values on the allow-list, and guarded addresses in answers
    std::uint64_t left_out = 0;  // of indicators, now: no more room in the kernel
    std::uint64_t given_up = 0;  // addresses of names, for the limits of LearnedDenials or the room
    std::uint64_t swept = 0;     // addresses whose time was over, put by the kernel side alone
  };

  explicit DenialSync(Parts parts) : parts_(std::move(parts)) {}

  // After the indicators changed, and when rules or indicators expire. Walks all of them, and puts
  // the differences.
  void apply(const Index& index);
  // Addresses of an answer for a denied name. The kernel side may have been faster: then what must
  // not be denied is taken back here.
  void learn(const DnsEvent& answer, const ResponsePolicy::Decision& decision);
  // An address that a denied name had by an answer of old.
  void learn_known(std::uint32_t net_ns, const IpAddress& address,
                   const ResponsePolicy::Decision& decision);
  // As learn(), for an answer that is not believed, or that only tocsin asked for: what the kernel
  // side made of it is taken back.
  void take_back(const DnsEvent& answer);
  // Not denied for a name's sake, whoever has that name.
  [[nodiscard]] bool is_spared(const IpAddress& address) const;
  // Forgets addresses whose time is over.
  void tick();
  [[nodiscard]] const Counters& counters() const { return counters_; }
  // When apply() is due next; INT64_MAX: never. At the end of a rule, whose values another one may
  // take over, and of a block, which hides the wider one around it; for other indicators that
  // expire, at most once in limits::kExpiryWalkGapNs.
  [[nodiscard]] WallNs next_change_ns() const;

 private:
  using Verdict = DenialTables::Verdict;
  // Sorted by key, each key once, between two calls of apply().
  template <typename Key>
  using Table = std::vector<std::pair<Key, Verdict>>;
  struct Wanted {
    Table<IpNetwork> networks;  // spared ones, too
    Table<std::string> names;
    Table<Sha256> digests;
  };

  void want(Wanted& wanted, const SetMeta& set, const IndicatorRow& row);
  void want_network(Wanted& wanted, const IpNetwork& network, Verdict verdict);
  void want_name(Wanted& wanted, std::string name, Verdict verdict);
  void want_spared(Wanted& wanted) const;
  void put_networks(Wanted& wanted);
  void put_names(Wanted& wanted);
  void put_content(Wanted& wanted);
  void forget_names();
  void learn_one(const IpAddress& address, const LearnedDenials::Entry& entry);
  void release(const IpAddress& address);
  [[nodiscard]] Verdict::Act act() const;

  Parts parts_;
  Wanted active_;  // what stands in the kernel
  LearnedDenials learned_;
  Counters counters_;
  WallNs applied_ns_ = 0;
  WallNs next_change_ = INT64_MAX, next_expiry_ = INT64_MAX;
};

}  // namespace tocsin
