// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/clock.hpp"
#include "base/ip_address.hpp"
#include "base/limits.hpp"
#include "base/lru_map.hpp"
#include "base/reassembly.hpp"

namespace tocsin {

// One fragment of an IPv4 or IPv6 packet.
struct IpFragment {
  IpAddress source, destination;
  std::uint32_t id = 0;
  std::uint8_t protocol = 0;  // of the whole packet's payload, as the first fragment says
  std::uint16_t offset = 0;   // bytes
  bool last = false;
  ByteSpan bytes;
  WallNs time_ns = 0;
};

// Puts IP packets together from fragments in any order. Where they overlap, what is in order
// already or begins earlier wins. Bounded; packets that stay incomplete are counted.
class IpFragments {
 public:
  struct Packet {
    std::uint8_t protocol = 0;
    std::vector<std::byte> payload;
  };
  // The whole packet when this fragment completes it.
  std::optional<Packet> add(const IpFragment& fragment);
  // Given up: too old, too many, or contradicting themselves.
  [[nodiscard]] std::uint64_t incomplete() const { return incomplete_; }
  [[nodiscard]] std::size_t waiting() const { return packets_.size(); }

 private:
  struct Key {
    IpAddress source, destination;
    std::uint32_t id = 0;
    std::uint8_t protocol = 0;
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const;
  };
  struct Waiting {
    Reassembly bytes{{limits::kIpPacketBytesMax, limits::kIpFragmentsMax}};
    std::optional<std::size_t> size;  // known from the last fragment
    WallNs first_ns = 0;
  };

  LruMap<Key, Waiting, KeyHash> packets_{limits::kIpPacketsInFragmentsMax};
  std::uint64_t incomplete_ = 0;
};

}  // namespace tocsin
