// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "detect/indicator_match.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/nat64.hpp"

namespace tocsin {
namespace {

void append(std::vector<IndicatorMatch>& out, std::vector<Indicator> found, std::string field,
            const std::string& value) {
  for (auto& indicator : found) out.push_back({std::move(indicator), field, value});
}

}  // namespace

std::vector<IndicatorMatch> match_digests(const Index& index, const FileDigests& digests,
                                          std::string_view field, WallNs at) {
  std::vector<IndicatorMatch> out;
  if (auto found = index.find(digests.sha256, at); !found.empty())
    append(out, std::move(found), fmt::format("{}.sha256", field), digests.sha256.hex());
  if (digests.sha1)
    if (auto found = index.find(*digests.sha1, at); !found.empty())
      append(out, std::move(found), fmt::format("{}.sha1", field), digests.sha1->hex());
  if (digests.md5)
    if (auto found = index.find(*digests.md5, at); !found.empty())
      append(out, std::move(found), fmt::format("{}.md5", field), digests.md5->hex());
  return out;
}

std::vector<IndicatorMatch> match_address(const Index& index, const IpAddress& address, WallNs at) {
  std::vector<IndicatorMatch> out;
  if (auto found = index.find(address, at); !found.empty())
    append(out, std::move(found), "destination.ip", address.to_string());
  // Reached through a translator, it is the same peer.
  if (const auto meant = behind_nat64(address))
    if (auto found = index.find(*meant, at); !found.empty())
      append(out, std::move(found), "destination.ip", meant->to_string());
  return out;
}

Severity loudest(const std::vector<IndicatorMatch>& matches) {
  return std::ranges::max(matches, {}, [](const IndicatorMatch& m) { return m.indicator.severity; })
      .indicator.severity;
}

}  // namespace tocsin
