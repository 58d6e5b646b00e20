// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "support/frames.hpp"

#include <netinet/in.h>
#include <pcap/pcap.h>

#include <algorithm>
#include <memory>
#include <stdexcept>

namespace tocsin::test {
namespace {

void addresses(ByteWriter& out, const Path& path) {
  out.raw(std::as_bytes(path.from.address.bytes())).raw(std::as_bytes(path.to.address.bytes()));
}

// Numbers of a pcapng file, whose byte order is the writer's.
class Blocks {
 public:
  explicit Blocks(bool big) : big_(big) {}
  Blocks& number(std::uint64_t value, int size) {
    for (int i = 0; i < size; ++i) bytes_.u8(value >> (8 * (big_ ? size - 1 - i : i)) & 0xff);
    return *this;
  }
  void block(std::uint32_t type, const Blocks& body) {
    const auto padding = (4 - body.bytes_.size() % 4) % 4;
    const auto size = 12 + body.bytes_.size() + padding;
    number(type, 4).number(size, 4).raw(body.bytes_.bytes());
    bytes_.fill(padding);
    number(size, 4);
  }
  Blocks& raw(std::span<const std::byte> bytes) {
    bytes_.raw(bytes);
    return *this;
  }
  [[nodiscard]] const Bytes& bytes() const { return bytes_.bytes(); }

 private:
  bool big_;
  ByteWriter bytes_;
};

}  // namespace

Path path(const char* from, std::uint16_t from_port, const char* to, std::uint16_t to_port) {
  return {{IpAddress::parse(from).value(), from_port}, {IpAddress::parse(to).value(), to_port}};
}

Bytes tcp_segment(const Path& path, std::uint32_t seq, std::uint8_t flags,
                  std::span<const std::byte> payload) {
  ByteWriter out;
  out.u16(path.from.port).u16(path.to.port).u32(seq).u32(0).u8(0x50).u8(flags);
  return out.u16(1000).u32(0).raw(payload).bytes();
}

Bytes udp_datagram(const Path& path, std::span<const std::byte> payload) {
  ByteWriter out;
  return out.u16(path.from.port)
      .u16(path.to.port)
      .u16(8 + payload.size())
      .u16(0)
      .raw(payload)
      .bytes();
}

Bytes ip_packet(const Path& path, std::uint8_t protocol, std::span<const std::byte> transport) {
  ByteWriter out;
  if (path.from.address.is_v4()) {
    out.u16(0x4500).u16(20 + transport.size()).u32(0).u8(64).u8(protocol).u16(0);
  } else {
    // A hop-by-hop header of eight bytes stands in front.
    out.u32(0x6000'0000).u16(8 + transport.size()).u8(0).u8(64);
  }
  addresses(out, path);
  if (!path.from.address.is_v4()) out.u8(protocol).u8(0).u16(0x0104).u32(0);
  return out.raw(transport).bytes();
}

std::vector<Bytes> ip_fragments(const Path& path, std::uint8_t protocol,
                                std::span<const std::byte> transport, std::size_t size) {
  std::vector<Bytes> out;
  for (std::size_t at = 0; at < transport.size(); at += size) {
    const auto part = transport.subspan(at, std::min(size, transport.size() - at));
    const bool more = at + part.size() < transport.size();
    ByteWriter one;
    if (path.from.address.is_v4()) {
      one.u16(0x4500).u16(20 + part.size()).u16(99).u16(at / 8 | (more ? 0x2000 : 0));
      one.u8(64).u8(protocol).u16(0);
      addresses(one, path);
    } else {
      one.u32(0x6000'0000).u16(8 + part.size()).u8(IPPROTO_FRAGMENT).u8(64);
      addresses(one, path);
      one.u8(protocol).u8(0).u16(at | (more ? 1 : 0)).u32(99);
    }
    out.push_back(one.raw(part).bytes());
  }
  return out;
}

Bytes ethernet(std::span<const std::byte> packet, const std::vector<std::uint16_t>& tags) {
  ByteWriter out;
  out.fill(12, 2);
  for (std::size_t i = 0; i < tags.size(); ++i)
    out.u16(i + 1 < tags.size() ? 0x88a8 : 0x8100).u16(tags[i]);
  out.u16(std::to_integer<int>(packet[0]) >> 4 == 6 ? 0x86dd : 0x0800).raw(packet);
  if (out.size() < 60) out.fill(60 - out.size());  // the trailer of short frames
  return out.bytes();
}

Bytes tcp_packet(const Path& path, std::uint32_t seq, std::uint8_t flags,
                 std::span<const std::byte> payload) {
  return ip_packet(path, IPPROTO_TCP, tcp_segment(path, seq, flags, payload));
}

Bytes udp_packet(const Path& path, std::span<const std::byte> payload) {
  return ip_packet(path, IPPROTO_UDP, udp_datagram(path, payload));
}

void write_pcap(const std::string& file, int link_type, const std::vector<TimedFrame>& frames) {
  const std::unique_ptr<pcap_t, void (*)(pcap_t*)> handle(
      pcap_open_dead_with_tstamp_precision(link_type, 262'144, PCAP_TSTAMP_PRECISION_NANO),
      pcap_close);
  const std::unique_ptr<pcap_dumper_t, void (*)(pcap_dumper_t*)> dump(
      pcap_dump_open(handle.get(), file.c_str()), pcap_dump_close);
  if (!dump) throw std::runtime_error("writing " + file);
  for (const auto& frame : frames) {
    pcap_pkthdr head{};
    head.ts.tv_sec = frame.time_ns / kNsPerSecond;
    head.ts.tv_usec = frame.time_ns % kNsPerSecond;
    head.caplen = static_cast<bpf_u_int32>(frame.bytes.size());
    head.len = frame.length != 0 ? frame.length : head.caplen;
    pcap_dump(reinterpret_cast<u_char*>(dump.get()), &head,
              reinterpret_cast<const u_char*>(frame.bytes.data()));
  }
}

Bytes pcapng(std::uint16_t link_type, const std::vector<TimedFrame>& frames, bool big_endian) {
  const auto body = [big_endian] { return Blocks(big_endian); };
  Blocks file(big_endian);
  file.block(0x0a0d'0d0a,
             body().number(0x1a2b'3c4d, 4).number(1, 2).number(0, 2).number(~std::uint64_t{0}, 8));
  file.block(1, body()
                    .number(link_type, 2)
                    .number(0, 2)
                    .number(0, 4)
                    .number(9, 2)  // if_tsresol: nanoseconds
                    .number(1, 2)
                    .raw(bytes_of_hex("09000000"))
                    .number(0, 4));
  file.block(0x0bad'cafe, body().number(1, 4));
  for (const auto& frame : frames) {
    const auto time = static_cast<std::uint64_t>(frame.time_ns);
    file.block(6, body()
                      .number(0, 4)
                      .number(time >> 32, 4)
                      .number(time & 0xffff'ffff, 4)
                      .number(frame.bytes.size(), 4)
                      .number(frame.bytes.size(), 4)
                      .raw(frame.bytes));
  }
  return file.bytes();
}

}  // namespace tocsin::test
