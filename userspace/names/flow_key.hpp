// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <compare>
#include <cstdint>

#include "event/name_event.hpp"

namespace tocsin {

// One direction of one flow. The socket tells it apart where it is known; the peer stands beside
// it, because one datagram socket talks to many. Else addresses, ports and network namespace do.
struct FlowKey {
  std::uint64_t cookie = 0;
  std::uint32_t net_ns = 0;
  bool outgoing = true;
  Endpoint local, remote;
  friend bool operator==(const FlowKey&, const FlowKey&) = default;

  static FlowKey of(const PacketEvent& packet) {
    FlowKey key;
    key.outgoing = packet.outgoing;
    key.remote = packet.remote;
    key.cookie = packet.cookie;
    if (packet.cookie != 0) return key;
    key.net_ns = packet.net_ns;
    key.local = packet.local;
    return key;
  }
};

struct FlowKeyHash {
  std::size_t operator()(const FlowKey& key) const {
    std::uint64_t h = key.cookie;
    const auto mix = [&h](std::uint64_t value) {
      h = (h ^ value) * 0x9e3779b97f4a7c15ULL;
      h ^= h >> 29;
    };
    mix(key.net_ns * 2ULL + (key.outgoing ? 1 : 0));
    mix(key.local.address.hash());
    mix(key.remote.address.hash());
    mix(std::uint64_t{key.local.port} << 16 | key.remote.port);
    return h;
  }
};

}  // namespace tocsin
