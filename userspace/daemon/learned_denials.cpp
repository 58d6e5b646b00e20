// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/learned_denials.hpp"

#include "respond/respond_limits.hpp"

namespace tocsin {

std::optional<IpAddress> LearnedDenials::learn(const IpAddress& address, Entry entry) {
  if (const auto* known = find(address)) {
    if (known->until_ns >= entry.until_ns) return std::nullopt;
    forget(address);
  }
  std::optional<IpAddress> out;
  const auto name = of_name_.find(entry.name);
  if (name != of_name_.end() && name->second.size() >= limits::kLearnedOfNameMax)
    out = name->second.begin()->second;
  else if (entries_.size() >= limits::kLearnedDenialsMax)
    out = ends_.begin()->second;
  if (out) forget(*out);
  ends_.emplace(entry.until_ns, address);
  of_name_[entry.name].emplace(entry.until_ns, address);
  entries_.emplace(address, std::move(entry));
  return out;
}

const LearnedDenials::Entry* LearnedDenials::find(const IpAddress& address) const {
  const auto it = entries_.find(address);
  return it == entries_.end() ? nullptr : &it->second;
}

bool LearnedDenials::forget(const IpAddress& address) {
  const auto it = entries_.find(address);
  if (it == entries_.end()) return false;
  const std::pair end(it->second.until_ns, address);
  ends_.erase(end);
  if (const auto name = of_name_.find(it->second.name); name != of_name_.end()) {
    name->second.erase(end);
    if (name->second.empty()) of_name_.erase(name);
  }
  entries_.erase(it);
  return true;
}

std::vector<std::pair<IpAddress, std::uint32_t>> LearnedDenials::ending(BootNs then) const {
  std::vector<std::pair<IpAddress, std::uint32_t>> out;
  for (auto it = ends_.begin(); it != ends_.end() && it->first <= then; ++it)
    out.emplace_back(it->second, entries_.at(it->second).net_ns);
  return out;
}

std::vector<IpAddress> LearnedDenials::expire(BootNs now) {
  std::vector<IpAddress> out;
  while (!ends_.empty() && ends_.begin()->first <= now) {
    out.push_back(ends_.begin()->second);
    forget(out.back());
  }
  return out;
}

std::vector<IpAddress> LearnedDenials::forget_names(
    const std::function<bool(std::string_view)>& gone) {
  std::vector<IpAddress> out;
  for (const auto& [name, ends] : of_name_)
    if (gone(name))
      for (const auto& [until, address] : ends) out.push_back(address);
  for (const auto& address : out) forget(address);
  return out;
}

}  // namespace tocsin
