// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/ip_address.hpp"
#include "event/event_head.hpp"
#include "support/byte_writer.hpp"

// Network packets around what clients said, and capture files of them.
namespace tocsin::test {

struct Path {
  Endpoint from, to;
  [[nodiscard]] Path back() const { return {to, from}; }
};
Path path(const char* from, std::uint16_t from_port, const char* to, std::uint16_t to_port);

Bytes tcp_segment(const Path& path, std::uint32_t seq, std::uint8_t flags,
                  std::span<const std::byte> payload = {});
Bytes udp_datagram(const Path& path, std::span<const std::byte> payload);
// An IP packet of the path's address family around a segment or datagram.
Bytes ip_packet(const Path& path, std::uint8_t protocol, std::span<const std::byte> transport);
// The same in fragments of at most `size` bytes of payload, a multiple of 8.
std::vector<Bytes> ip_fragments(const Path& path, std::uint8_t protocol,
                                std::span<const std::byte> transport, std::size_t size);
// tags: VLAN ids, outermost first.
Bytes ethernet(std::span<const std::byte> packet, const std::vector<std::uint16_t>& tags = {});

Bytes tcp_packet(const Path& path, std::uint32_t seq, std::uint8_t flags,
                 std::span<const std::byte> payload = {});
Bytes udp_packet(const Path& path, std::span<const std::byte> payload);

struct TimedFrame {
  WallNs time_ns = 0;
  Bytes bytes;
  std::uint32_t length = 0;  // 0: all captured
};
// Written by libpcap.
void write_pcap(const std::string& file, int link_type, const std::vector<TimedFrame>& frames);
// Written by hand, in either byte order: section, interface with nanosecond times, an unknown
// block, then enhanced packet blocks.
Bytes pcapng(std::uint16_t link_type, const std::vector<TimedFrame>& frames, bool big_endian);

}  // namespace tocsin::test
