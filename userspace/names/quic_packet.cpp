// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "names/quic_packet.hpp"

#include <algorithm>

namespace tocsin {
namespace {

constexpr std::uint8_t kLongHeader = 0x80;
constexpr std::uint8_t kFixedBit = 0x40;

// RFC 9000 section 17.2 and RFC 9369 section 3.2: the two versions number the types differently.
enum class Type : std::uint8_t { kInitial, kZeroRtt, kHandshake, kRetry };
Type type_of(std::uint8_t first, std::uint32_t version) {
  const unsigned bits = first >> 4 & 3;
  return static_cast<Type>(version == kQuicV2 ? (bits + 3) % 4 : bits);
}

}  // namespace

QuicPacket take_quic_packet(ByteSpan& datagram) {
  QuicPacket out;
  const auto whole = datagram;
  datagram = {};
  ByteReader in(whole);
  const auto first = in.u8();
  if (!in.ok() || (first & kLongHeader) == 0) {
    out.kind = QuicPacketKind::kNotLong;
    return out;
  }
  out.version = in.u32();
  out.destination_id = in.take_u8_sized();
  const auto source_id = in.take_u8_sized();
  if (!in.ok()) return out;
  if (out.version == 0) return out.kind = QuicPacketKind::kVersionNegotiation, out;
  if (out.version != kQuicV1 && out.version != kQuicV2)
    return out.kind = QuicPacketKind::kUnknownVersion, out;
  if ((first & kFixedBit) == 0) return out.kind = QuicPacketKind::kNotLong, out;
  if (out.destination_id.size() > kQuicIdBytesMax || source_id.size() > kQuicIdBytesMax) return out;
  const auto type = type_of(first, out.version);
  if (type == Type::kRetry) return out.kind = QuicPacketKind::kOtherLong, out;
  if (type == Type::kInitial) {
    const auto token = in.quic_varint();
    if (token > in.left()) return out;
    in.skip(static_cast<std::size_t>(token));
  }
  const auto length = in.quic_varint();
  if (!in.ok()) return out;
  out.kind = type == Type::kInitial ? QuicPacketKind::kInitial : QuicPacketKind::kOtherLong;
  out.number_offset = in.offset();
  out.cut = length > in.left();
  in.skip(static_cast<std::size_t>(std::min<std::uint64_t>(length, in.left())));
  out.bytes = whole.first(in.offset());
  datagram = in.rest();
  return out;
}

}  // namespace tocsin
