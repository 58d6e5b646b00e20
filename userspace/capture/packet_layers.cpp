// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "capture/packet_layers.hpp"

#include <netinet/in.h>
#include <pcap/dlt.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/limits.hpp"

namespace tocsin {
namespace {

constexpr std::uint16_t kEtherV4 = 0x0800;
constexpr std::uint16_t kEtherV6 = 0x86dd;
constexpr std::size_t kV4HeaderBytes = 20;
constexpr std::size_t kV6HeaderBytes = 40;

bool is_vlan(std::uint16_t ether_type) {
  return ether_type == 0x8100 || ether_type == 0x88a8 || ether_type == 0x9100;
}

// The network packet behind the link header; absent when it is not IP or not there.
std::optional<ByteSpan> behind_ether_type(ByteReader in, std::uint16_t type) {
  for (std::size_t tags = 0; is_vlan(type) && tags < limits::kVlanTagsMax; ++tags) {
    in.skip(2);
    type = in.u16();
  }
  if (!in.ok() || (type != kEtherV4 && type != kEtherV6)) return std::nullopt;
  return in.rest();
}

std::optional<ByteSpan> network_packet(int link_type, ByteSpan frame) {
  ByteReader in(frame);
  switch (link_type) {
    case DLT_EN10MB:
      in.skip(12);
      break;
    case DLT_LINUX_SLL:
      in.skip(14);
      break;
    case DLT_LINUX_SLL2: {
      const auto type = in.u16();
      in.skip(18);
      return behind_ether_type(in, type);
    }
    case DLT_NULL:  // an address family in either byte order: the packet's version says the same
    case DLT_LOOP:
      in.skip(4);
      return in.ok() ? std::optional(in.rest()) : std::nullopt;
    default:
      return frame;
  }
  const auto type = in.u16();
  return behind_ether_type(in, type);
}

template <std::size_t N>
std::array<std::uint8_t, N> octets(ByteReader& in) {
  std::array<std::uint8_t, N> out{};
  for (auto& b : out) b = in.u8();
  return out;
}

// Addresses are the caller's. length: of `bytes` on the wire.
std::expected<Transport, LayerFault> parse_transport(std::uint8_t protocol, ByteSpan bytes,
                                                     std::size_t length) {
  Transport out;
  out.protocol = protocol;
  ByteReader in(bytes);
  std::size_t header = 8;
  if (protocol != IPPROTO_TCP && protocol != IPPROTO_UDP)
    return std::unexpected(LayerFault::kNotTcpOrUdp);
  out.source_port = in.u16();
  out.destination_port = in.u16();
  if (protocol == IPPROTO_TCP) {
    out.tcp_seq = in.u32();
    in.skip(4);
    header = std::size_t{in.u8()} >> 4 << 2;
    out.tcp_flags = in.u8();
    if (in.ok() && (header < 20 || header > length)) return std::unexpected(LayerFault::kMalformed);
  } else {
    const std::size_t size = in.u16();
    in.skip(2);
    // 0: a length beyond 16 bits, as offloading leaves it.
    if (in.ok() && size != 0) {
      if (size < header || size > length) return std::unexpected(LayerFault::kMalformed);
      length = size;
    }
  }
  if (!in.ok() || header > bytes.size()) return std::unexpected(LayerFault::kCut);
  out.length = static_cast<std::uint32_t>(length - header);
  out.payload = bytes.subspan(header);
  out.payload = out.payload.first(std::min<std::size_t>(out.payload.size(), out.length));
  return out;
}

// Where the transport begins behind IPv6 extension headers (RFC 8200 section 4).
struct Extensions {
  std::uint8_t next = 0;
  std::size_t offset = 0;  // behind the fixed header
  std::optional<IpFragment> fragment;
};

std::expected<Extensions, LayerFault> skip_extensions(std::uint8_t next, ByteSpan payload) {
  Extensions out;
  out.next = next;
  ByteReader in(payload);
  for (std::size_t n = 0; n < limits::kIpv6ExtensionsMax; ++n) {
    out.offset = in.offset();
    switch (out.next) {
      case IPPROTO_HOPOPTS:
      case IPPROTO_ROUTING:
      case IPPROTO_DSTOPTS:
        out.next = in.u8();
        in.skip(std::size_t{in.u8()} * 8 + 6);
        break;
      case IPPROTO_AH:
        out.next = in.u8();
        in.skip((std::size_t{in.u8()} + 2) * 4 - 2);
        break;
      case IPPROTO_FRAGMENT: {
        out.next = in.u8();
        in.skip(1);
        const auto offset = in.u16();
        IpFragment fragment;
        fragment.offset = offset & 0xfff8;
        fragment.last = (offset & 1) == 0;
        fragment.id = in.u32();
        fragment.protocol = out.next;
        if (!in.ok()) return std::unexpected(LayerFault::kCut);
        out.offset = in.offset();
        if (fragment.offset == 0 && fragment.last) break;  // an atomic fragment is whole
        out.fragment = fragment;
        return out;
      }
      default:
        return out;
    }
    if (!in.ok()) return std::unexpected(LayerFault::kCut);
  }
  return std::unexpected(LayerFault::kMalformed);
}

}  // namespace

bool PacketLayers::supports(int link_type) {
  static constexpr std::array kKnown = {DLT_EN10MB, DLT_LINUX_SLL, DLT_LINUX_SLL2, DLT_NULL,
                                        DLT_LOOP,   DLT_RAW,       DLT_IPV4,       DLT_IPV6};
  return std::ranges::find(kKnown, link_type) != kKnown.end();
}

std::expected<Transport, LayerFault> PacketLayers::parse(const Frame& frame) {
  const auto packet = network_packet(link_type_, frame.bytes);
  if (!packet) return std::unexpected(LayerFault::kNotIp);
  if (packet->empty()) return std::unexpected(LayerFault::kCut);
  const auto version = std::to_integer<unsigned>((*packet)[0]) >> 4;
  if (version != 4 && version != 6) return std::unexpected(LayerFault::kNotIp);
  auto out = version == 4 ? parse_v4(*packet, frame) : parse_v6(*packet, frame);
  if (out) out->time_ns = frame.time_ns;
  return out;
}

std::expected<Transport, LayerFault> PacketLayers::parse_v4(ByteSpan packet, const Frame& frame) {
  if (packet.size() < kV4HeaderBytes) return std::unexpected(LayerFault::kCut);
  const std::size_t on_wire = packet.size() + (frame.length - frame.bytes.size());
  ByteReader in(packet);
  const std::size_t header = std::size_t{in.u8()} % 16 * 4;
  in.skip(1);
  std::size_t total = in.u16();
  if (total == 0) total = on_wire;  // as offloading leaves it
  IpFragment fragment;
  fragment.id = in.u16();
  const auto flags = in.u16();
  in.skip(1);
  fragment.protocol = in.u8();
  in.skip(2);
  fragment.source = IpAddress::v4(octets<4>(in));
  fragment.destination = IpAddress::v4(octets<4>(in));
  if (header < kV4HeaderBytes || total < header || total > on_wire)
    return std::unexpected(LayerFault::kMalformed);
  if (packet.size() < header) return std::unexpected(LayerFault::kCut);
  const auto payload = packet.first(std::min(packet.size(), total)).subspan(header);
  fragment.offset = static_cast<std::uint16_t>((flags & 0x1fff) * 8);
  fragment.last = (flags & 0x2000) == 0;
  fragment.bytes = payload;
  fragment.time_ns = frame.time_ns;
  if (fragment.offset != 0 || !fragment.last)
    return reassemble(fragment, payload.size() < total - header);
  auto out = parse_transport(fragment.protocol, payload, total - header);
  if (!out) return out;
  out->source = fragment.source;
  out->destination = fragment.destination;
  return out;
}

std::expected<Transport, LayerFault> PacketLayers::parse_v6(ByteSpan packet, const Frame& frame) {
  if (packet.size() < kV6HeaderBytes) return std::unexpected(LayerFault::kCut);
  const std::size_t on_wire = packet.size() + (frame.length - frame.bytes.size());
  ByteReader in(packet);
  in.skip(4);
  std::size_t size = in.u16();
  if (size == 0) size = on_wire - kV6HeaderBytes;  // jumbo, or as offloading leaves it
  const auto next = in.u8();
  in.skip(1);
  const auto source = IpAddress::v6(octets<16>(in));
  const auto destination = IpAddress::v6(octets<16>(in));
  if (size > on_wire - kV6HeaderBytes) return std::unexpected(LayerFault::kMalformed);
  const auto payload = in.rest().first(std::min(in.left(), size));
  auto extensions = skip_extensions(next, payload);
  if (!extensions) return std::unexpected(extensions.error());
  const auto rest = payload.subspan(extensions->offset);
  const auto rest_size = size - extensions->offset;
  if (extensions->fragment) {
    auto& fragment = *extensions->fragment;
    fragment.source = source;
    fragment.destination = destination;
    fragment.bytes = rest;
    fragment.time_ns = frame.time_ns;
    return reassemble(fragment, rest.size() < rest_size);
  }
  auto out = parse_transport(extensions->next, rest, rest_size);
  if (!out) return out;
  out->source = source;
  out->destination = destination;
  return out;
}

std::expected<Transport, LayerFault> PacketLayers::reassemble(const IpFragment& fragment,
                                                              bool cut) {
  if (cut) return std::unexpected(LayerFault::kCut);
  auto packet = fragments_.add(fragment);
  if (!packet) return std::unexpected(LayerFault::kFragment);
  whole_ = std::move(packet->payload);
  // Further extension headers may stand in the whole packet.
  const auto extensions = skip_extensions(packet->protocol, whole_);
  if (!extensions) return std::unexpected(extensions.error());
  if (extensions->fragment) return std::unexpected(LayerFault::kMalformed);
  const auto rest = ByteSpan(whole_).subspan(extensions->offset);
  auto out = parse_transport(extensions->next, rest, rest.size());
  if (!out) return out;
  out->source = fragment.source;
  out->destination = fragment.destination;
  return out;
}

const char* to_string(LayerFault fault) {
  switch (fault) {
    case LayerFault::kNotIp:
      return "not IP";
    case LayerFault::kNotTcpOrUdp:
      return "neither TCP nor UDP";
    case LayerFault::kFragment:
      return "fragments";
    case LayerFault::kMalformed:
      return "malformed";
    case LayerFault::kCut:
      break;
  }
  return "cut within their headers";
}

}  // namespace tocsin
