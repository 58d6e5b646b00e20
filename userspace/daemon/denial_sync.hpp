// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "capture/kernel_response.hpp"
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
    KernelResponse& kernel;
    const ResponsePolicy& policy;
    IsSinkhole is_guarded;  // never denied for a name's sake: public resolvers, sinkholes, …
  };
  struct Counters {
    std::uint64_t networks = 0, names = 0, digests = 0;  // of indicators, now
    std::uint64_t learned = 0;                           // addresses of names, now
    std::uint64_t spared = 0;    // values on the allow-list, and guarded addresses in answers
    std::uint64_t left_out = 0;  // no more room in the kernel
  };

  explicit DenialSync(Parts parts) : parts_(std::move(parts)) {}

  // After the indicators changed, and when rules or indicators expire. Walks all of them.
  void apply(const Index& index);
  // Addresses of an answer for a denied name. The kernel side may have been faster: then what must
  // not be denied is taken back here.
  void learn(const DnsEvent& answer, const ResponsePolicy::Decision& decision);
  // Forgets addresses whose time is over.
  void tick();
  [[nodiscard]] const Counters& counters() const { return counters_; }
  // The earliest moment at which apply() would decide differently; INT64_MAX: never.
  [[nodiscard]] WallNs next_change_ns() const { return next_change_; }

 private:
  using Verdict = KernelResponse::Verdict;
  struct Wanted {
    std::vector<std::pair<IpNetwork, Verdict>> networks;
    std::vector<std::pair<std::string, Verdict>> names;
    std::vector<std::pair<Sha256, Verdict>> digests;
  };
  struct Learned {
    std::string name;
    BootNs until_ns = 0;
  };

  void want(Wanted& wanted, const SetMeta& set, const IndicatorRow& row);
  void want_name(Wanted& wanted, std::string name, Verdict verdict) const;
  void spare_special();
  void put(const Wanted& wanted);
  void forget(const Wanted& old, const Wanted& now);
  void forget_names(const Wanted& wanted);
  void learn_one(const IpAddress& address, const Learned& learned, Verdict::Act act);
  [[nodiscard]] BootNs boot_of(WallNs wall) const;
  [[nodiscard]] Verdict::Act act() const;

  Parts parts_;
  Wanted active_;
  std::unordered_map<IpAddress, Learned, IpAddressHash> learned_;
  Counters counters_;
  WallNs next_change_ = INT64_MAX;
};

}  // namespace tocsin
