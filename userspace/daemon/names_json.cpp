// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/names_json.hpp"

#include <string>

namespace tocsin {

using Json = nlohmann::json;

namespace {

Json parsers_json(const PacketNamesCounters& c) {
  Json faults = Json::object();
  for (std::size_t i = 0; i < c.dns_faults.size(); ++i)
    if (c.dns_faults[i] > 0) faults[to_string(static_cast<DnsFault>(i))] = c.dns_faults[i];
  return {{"dns",
           {{"events", c.dns},
            {"cut", c.dns_cut},
            {"damaged", c.dns_damaged},
            {"faults", std::move(faults)},
            {"stream_gaps", c.dns_streams.gaps},
            {"evicted", c.dns_streams.evicted}}},
          {"streams",
           {{"tls", c.streams.tls},
            {"http", c.streams.http},
            {"other", c.streams.other},
            {"malformed", c.streams.malformed_tls},
            {"timed_out", c.streams.timed_out},
            {"evicted", c.streams.evicted},
            {"pieces_dropped", c.streams.pieces_dropped}}},
          {"quic",
           {{"initials", c.quic.initials},
            {"hellos", c.quic.hellos},
            {"undecryptable", c.quic.undecryptable},
            {"unknown_version", c.quic.unknown_version},
            {"malformed", c.quic.malformed},
            {"timed_out", c.quic.timed_out},
            {"evicted", c.quic.evicted}}}};
}

}  // namespace

nlohmann::json names_json(const Pipeline& pipeline, const PacketNamesCounters& packets) {
  const auto& cache = pipeline.names().counters();
  const auto& watched = pipeline.watched().counters();
  const auto& seen = pipeline.counters();
  Json dropped = Json::object();
  for (std::size_t i = 0; i < watched.dropped.size(); ++i)
    if (watched.dropped[i] > 0)
      dropped[std::string(to_string(static_cast<Unwatched>(i)))] = watched.dropped[i];
  return {{"packets", seen.packet},
          {"packets_unowned", seen.packet_unowned},
          {"dns", seen.dns},
          {"hellos", seen.hello},
          {"relayed", seen.relayed},
          {"unasked", seen.unasked},
          {"own", seen.own},
          {"connects", seen.connect},
          {"connects_named", seen.connect_named},
          {"parsers", parsers_json(packets)},
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
