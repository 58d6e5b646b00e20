// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "base/clock.hpp"
#include "base/limits.hpp"
#include "base/lru_map.hpp"
#include "base/reassembly.hpp"
#include "event/name_event.hpp"
#include "names/flow_key.hpp"
#include "names/quic_crypto.hpp"
#include "names/quic_packet.hpp"

namespace tocsin {

struct QuicCounters {
  std::uint64_t initials = 0;             // packets
  std::uint64_t hellos = 0;               // names told
  std::uint64_t undecryptable = 0;        // Initials that no known key opens
  std::uint64_t version_negotiation = 0;  // packets
  std::uint64_t unknown_version = 0;      // packets of versions other than 1 and 2
  std::uint64_t malformed = 0;            // packets, frames or hellos that contradict themselves
  std::uint64_t timed_out = 0;            // connections silent before the hello was whole
  std::uint64_t evicted = 0;              // connections given up to make room
};

// Reads the ClientHello out of a client's QUIC Initial packets (versions 1 and 2): in CRYPTO frames
// of any order, over several packets and datagrams. The keys follow from the destination id of the
// connection's first Initial; later Initials have another id and the same keys, except behind a
// Retry, where new keys and a repeated hello begin.
class QuicInitials {
 public:
  using Sink = std::function<void(HelloEvent)>;
  QuicInitials(QuicCrypto crypto, Sink sink) : crypto_(std::move(crypto)), sink_(std::move(sink)) {}

  // An outgoing datagram of kind kQuic.
  void on_datagram(const PacketEvent& datagram);
  // Tells what waited too long, as far as it was seen. now: on the packets' own clock.
  void tick(WallNs now);

  [[nodiscard]] const QuicCounters& counters() const { return counters_; }
  [[nodiscard]] std::size_t connections() const { return open_.size() + decided_.size(); }
  [[nodiscard]] std::size_t held_bytes() const { return held_bytes_; }

 private:
  struct Open {
    HelloEvent hello;  // filled as far as the first packet tells
    QuicKeys keys;
    Reassembly bytes{{limits::kClientHelloBytesMax, limits::kQuicPiecesMax}};
    WallNs last = 0;
  };
  struct Decided {
    QuicKeys keys;
    std::size_t hello_hash = 0;  // a Retry repeats the hello
    WallNs last = 0;
  };

  void on_initial(const PacketEvent& datagram, const QuicPacket& packet);
  std::optional<std::vector<std::byte>> open(const FlowKey& key, const PacketEvent& datagram,
                                             const QuicPacket& packet);
  bool read_frames(ByteSpan payload, Open& connection);
  bool decide(const FlowKey& key, Open& connection, bool final);
  void make_room();

  QuicCrypto crypto_;
  Sink sink_;
  QuicCounters counters_;
  LruMap<FlowKey, Open, FlowKeyHash> open_{limits::kQuicConnectionsMax};
  LruMap<FlowKey, Decided, FlowKeyHash> decided_{limits::kQuicConnectionsMax};
  std::size_t held_bytes_ = 0;
};

}  // namespace tocsin
