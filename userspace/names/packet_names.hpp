// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <array>
#include <cstdint>
#include <functional>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "event/name_event.hpp"
#include "names/dns_message.hpp"
#include "names/dns_stream.hpp"
#include "names/quic_initial.hpp"
#include "names/stream_start.hpp"

namespace tocsin {

struct PacketNamesCounters {
  std::array<std::uint64_t, 4> packets{};     // by PacketKind
  std::uint64_t incoming_ignored = 0;         // hellos of other hosts' clients
  std::uint64_t dns = 0;                      // DnsEvents given
  std::uint64_t dns_cut = 0;                  // of them: records are missing
  std::uint64_t dns_damaged = 0;              // of them: the answers contradict themselves
  std::array<std::uint64_t, 4> dns_faults{};  // by DnsFault: messages that gave no event
  DnsStreamCounters dns_streams;
  StreamStartCounters streams;
  QuicCounters quic;
};

// The names stage's way in: packets that may carry a name become DnsEvents and HelloEvents, which
// inherit process, socket and network namespace of their packet. Everything held is bounded and
// everything lost is counted. One thread.
class PacketNames {
 public:
  struct Sinks {
    std::function<void(DnsEvent)> on_dns;
    std::function<void(HelloEvent)> on_hello;
  };
  // Fails only when the cryptographic library lacks what QUIC needs.
  static Result<PacketNames> create(Sinks sinks);

  void on_packet(const PacketEvent& packet);
  // Once a second. now: on the clock of the packets' times.
  void tick(WallNs now);

  [[nodiscard]] PacketNamesCounters counters() const;
  // Bytes of streams held now.
  [[nodiscard]] std::size_t held_bytes() const {
    return streams_.held_bytes() + quic_.held_bytes();
  }

 private:
  PacketNames(Sinks sinks, QuicCrypto crypto);
  void on_dns(const PacketEvent& packet, ByteSpan message, std::size_t length);

  PacketNamesCounters counters_;
  std::function<void(DnsEvent)> on_dns_;
  DnsStreams dns_streams_;
  StreamStarts streams_;
  QuicInitials quic_;
};

}  // namespace tocsin
