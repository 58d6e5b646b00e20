// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/names_json.hpp"

#include <string>

namespace tocsin {

using Json = nlohmann::json;

nlohmann::json names_json(const Pipeline& pipeline) {
  const auto& cache = pipeline.names().counters();
  const auto& watched = pipeline.watched().counters();
  const auto& seen = pipeline.counters();
  Json dropped = Json::object();
  for (std::size_t i = 0; i < watched.dropped.size(); ++i)
    if (watched.dropped[i] > 0)
      dropped[std::string(WatchedAddresses::to_string(static_cast<WatchedAddresses::Dropped>(i)))] =
          watched.dropped[i];
  return {{"dns", seen.dns},
          {"hellos", seen.hello},
          {"relayed", seen.relayed},
          {"own", seen.own},
          {"connects", seen.connect},
          {"connects_named", seen.connect_named},
          {"cache",
           {{"addresses", cache.addresses},
            {"names", cache.names},
            {"bytes", cache.bytes},
            {"evicted_addresses", cache.evicted_addresses},
            {"evicted_names", cache.evicted_names}}},
          {"watched",
           {{"addresses", watched.watched},
            {"evicted", watched.evicted},
            {"dropped", std::move(dropped)}}}};
}

}  // namespace tocsin
