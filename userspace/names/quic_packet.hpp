// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>

#include "base/byte_reader.hpp"

namespace tocsin {

inline constexpr std::uint32_t kQuicV1 = 1;
inline constexpr std::uint32_t kQuicV2 = 0x6b33'43cf;  // RFC 9369
inline constexpr std::size_t kQuicIdBytesMax = 20;

enum class QuicPacketKind : std::uint8_t {
  kInitial,
  kOtherLong,           // 0-RTT, Handshake, Retry
  kVersionNegotiation,  // a server's list of versions
  kUnknownVersion,      // behind the version, only the connection ids may be read (RFC 8999)
  kNotLong,             // a short header or another protocol: the rest of the datagram is opaque
  kMalformed,
};

// One packet of a datagram, still protected (RFC 9000 section 17.2). Spans are into the datagram.
struct QuicPacket {
  QuicPacketKind kind = QuicPacketKind::kMalformed;
  std::uint32_t version = 0;
  ByteSpan destination_id;
  ByteSpan bytes;                 // the whole packet, from its first byte to its end
  std::size_t number_offset = 0;  // in bytes: where the packet number is, length hidden
  bool cut = false;               // the packet's end was not captured
};

// Takes the first packet off a datagram; nothing is left of it behind a packet without a length.
QuicPacket take_quic_packet(ByteSpan& datagram);

}  // namespace tocsin
