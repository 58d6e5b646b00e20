// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/seen_matcher.hpp"

#include <string_view>
#include <utility>

#include "detect/indicator_match.hpp"

namespace tocsin {
namespace {

std::string_view field_of(SeenKind kind) {
  if (kind == SeenKind::kScript) return "tocsin.script";
  return kind == SeenKind::kModule ? "dll.hash" : "process.hash";
}

}  // namespace

SeenMatcher match_seen(std::shared_ptr<const Index> index, WallNs at) {
  return [index = std::move(index), at](const SeenValue& value) {
    if (value.digests) return match_digests(*index, *value.digests, field_of(value.kind), at);
    if (value.destination) return match_address(*index, value.destination->address, at);
    std::vector<IndicatorMatch> out;
    if (!value.name.empty())
      for (auto& indicator : index->find_domain(value.name, at))
        out.push_back({std::move(indicator), "destination.domain", value.name});
    return out;
  };
}

}  // namespace tocsin
