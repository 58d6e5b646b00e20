// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/ip_address.hpp"

namespace tocsin {

// Addresses that denied names have now, each until the time of its answer is over. Bounded as a
// whole (kLearnedDenialsMax) and for each listed name (kLearnedOfNameMax): whoever answers for one
// name drives out that name's own addresses first. Each change costs the logarithm of its size.
// State thread only.
class LearnedDenials {
 public:
  struct Entry {
    std::string name;  // as the indicator has it
    BootNs until_ns = 0;
    std::uint32_t net_ns = 0;  // the network namespace that was answered
  };

  // The longer of two lives counts. Returns the address that had to go for it: the first to end.
  std::optional<IpAddress> learn(const IpAddress& address, Entry entry);
  [[nodiscard]] const Entry* find(const IpAddress& address) const;
  // False: it was not known.
  bool forget(const IpAddress& address);
  // What ends at then or before, with its network namespace.
  [[nodiscard]] std::vector<std::pair<IpAddress, std::uint32_t>> ending(BootNs then) const;
  // Forgets what ends at now or before, and returns it.
  std::vector<IpAddress> expire(BootNs now);
  // Forgets the addresses of names for which gone() holds, and returns them.
  std::vector<IpAddress> forget_names(const std::function<bool(std::string_view)>& gone);
  [[nodiscard]] std::size_t size() const { return entries_.size(); }

 private:
  using Ends = std::set<std::pair<BootNs, IpAddress>>;
  std::unordered_map<IpAddress, Entry, IpAddressHash> entries_;
  Ends ends_;
  std::unordered_map<std::string, Ends> of_name_;
};

}  // namespace tocsin
