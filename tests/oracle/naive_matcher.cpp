// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "oracle/naive_matcher.hpp"

#include <algorithm>

namespace tocsin::oracle {
namespace {

bool bit(std::span<const std::uint8_t> bytes, std::size_t i) {
  return (bytes[i / 8] >> (7 - i % 8) & 1) != 0;
}

bool in_network(const IpNetwork& network, const IpAddress& address) {
  if (network.address.is_v4() != address.is_v4()) return false;
  for (std::size_t i = 0; i < network.prefix; ++i)
    if (bit(network.address.bytes(), i) != bit(address.bytes(), i)) return false;
  return true;
}

std::vector<std::string> labels(std::string_view name) {
  std::vector<std::string> out(1);
  if (!name.empty() && name.back() == '.') name.remove_suffix(1);
  for (const char c : name) {
    if (c == '.')
      out.emplace_back();
    else
      out.back() += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  }
  return out;
}

bool covers(const IndicatorRow& row, std::string_view name) {
  const auto mine = labels(row.text);
  const auto asked = labels(name);
  if (row.exact) return mine == asked;
  if (mine.size() > asked.size()) return false;
  return std::equal(mine.rbegin(), mine.rend(), asked.rbegin());
}

}  // namespace

template <typename Matches>
std::vector<std::string> NaiveMatcher::scan(WallNs at, Matches matches) const {
  std::vector<std::string> out;
  for (const auto& [meta, row] : rows_) {
    if (row.expires_ns && *row.expires_ns <= at) continue;
    if (matches(row)) out.push_back(meta.set + ":" + std::to_string(row.line));
  }
  std::ranges::sort(out);
  return out;
}

std::vector<std::string> NaiveMatcher::find_digest(IndicatorType type,
                                                   std::span<const std::uint8_t> digest,
                                                   WallNs at) const {
  return scan(at, [&](const IndicatorRow& row) {
    return row.type == type && std::equal(digest.begin(), digest.end(), row.digest.begin());
  });
}

std::vector<std::string> NaiveMatcher::find_address(const IpAddress& address, WallNs at) const {
  return scan(at, [&](const IndicatorRow& row) {
    return (row.type == IndicatorType::kIp || row.type == IndicatorType::kCidr) &&
           in_network(row.network, address);
  });
}

std::vector<std::string> NaiveMatcher::find_domain(std::string_view name, WallNs at) const {
  return scan(at, [&](const IndicatorRow& row) {
    return row.type == IndicatorType::kDomain && covers(row, name);
  });
}

}  // namespace tocsin::oracle
