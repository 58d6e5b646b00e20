// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// A sequence of packets: for each one byte of kind and flags, one of flow, one of sequence number
// in steps of 16, two of size, then as many bytes of payload.
#include <cstdint>
#include <cstdlib>

#include "base/byte_reader.hpp"
#include "base/limits.hpp"
#include "names/packet_names.hpp"

using namespace tocsin;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::size_t events = 0, packets = 0;
  auto names = *PacketNames::create({.on_dns = [&](const DnsEvent&) { ++events; },
                                     .on_hello = [&](const HelloEvent&) { ++events; }});
  WallNs now = 1;
  for (ByteReader in(std::as_bytes(std::span(data, size))); in.left() > 0;) {
    PacketEvent packet;
    const auto flags = in.u8();
    packet.kind = static_cast<PacketKind>(flags & 3);
    packet.outgoing = (flags & 4) == 0;
    packet.tcp_first = (flags & 8) != 0;
    packet.cookie = in.u8() % 8;
    packet.tcp_seq = in.u8() * 16u - 256u;
    const auto wanted = in.u16();
    const auto payload = in.take(std::min<std::size_t>(wanted % 2048, in.left()));
    packet.payload.assign(payload.begin(), payload.end());
    packet.length = static_cast<std::uint32_t>(payload.size()) + ((flags & 16) != 0 ? 64u : 0u);
    packet.head.time_ns = now += kNsPerSecond / 4;
    names.on_packet(packet);
    ++packets;
    if ((flags & 32) != 0) names.tick(now);
    if (names.held_bytes() > limits::kStreamStartsBytesMax + limits::kQuicBytesMax) std::abort();
  }
  names.tick(now + 3600 * kNsPerSecond);
  if (names.held_bytes() != 0) std::abort();
  std::uint64_t counted = 0;
  for (const auto n : names.counters().packets) counted += n;
  if (counted != packets) std::abort();
  return 0;
}
