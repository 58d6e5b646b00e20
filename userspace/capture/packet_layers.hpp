// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <expected>
#include <vector>

#include "base/ip_address.hpp"
#include "capture/ip_fragments.hpp"
#include "capture/pcap_reader.hpp"

namespace tocsin {

inline constexpr std::uint8_t kTcpFin = 0x01;
inline constexpr std::uint8_t kTcpSyn = 0x02;
inline constexpr std::uint8_t kTcpRst = 0x04;
inline constexpr std::uint8_t kTcpAck = 0x10;

// A TCP segment or a UDP datagram.
struct Transport {
  WallNs time_ns = 0;
  std::uint8_t protocol = 0;  // IPPROTO_TCP, IPPROTO_UDP
  IpAddress source, destination;
  std::uint16_t source_port = 0, destination_port = 0;
  std::uint32_t tcp_seq = 0;
  std::uint8_t tcp_flags = 0;
  ByteSpan payload;          // valid until the next frame is parsed
  std::uint32_t length = 0;  // payload bytes on the wire; more than payload holds: cut
};

// Why a frame gave none.
enum class LayerFault : std::uint8_t {
  kNotIp,        // ARP, another network protocol
  kNotTcpOrUdp,  // ICMP, another transport, a tunnel
  kFragment,     // waits for the rest of its packet
  kMalformed,    // lengths that contradict each other
  kCut,          // headers beyond what was captured
};

// Takes frames apart down to the transport's payload: Ethernet with VLAN tags, Linux cooked (1 and
// 2), raw IP, loopback; IPv4 and IPv6 with options, extension headers and fragments.
class PacketLayers {
 public:
  static bool supports(int link_type);
  explicit PacketLayers(int link_type) : link_type_(link_type) {}

  std::expected<Transport, LayerFault> parse(const Frame& frame);
  [[nodiscard]] const IpFragments& fragments() const { return fragments_; }

 private:
  struct Network;
  std::expected<Transport, LayerFault> parse_v4(ByteSpan packet, const Frame& frame);
  std::expected<Transport, LayerFault> parse_v6(ByteSpan packet, const Frame& frame);
  std::expected<Transport, LayerFault> reassemble(const IpFragment& fragment, bool cut);

  int link_type_;
  IpFragments fragments_;
  std::vector<std::byte> whole_;  // the packet put together last
};

const char* to_string(LayerFault fault);

}  // namespace tocsin
