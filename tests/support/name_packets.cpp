// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "support/name_packets.hpp"

#include <algorithm>

namespace tocsin::test {

Bytes dns_name(std::string_view dotted) {
  ByteWriter out;
  while (!dotted.empty()) {
    const auto label = dotted.substr(0, dotted.find('.'));
    out.u8(label.size()).text(label);
    dotted.remove_prefix(std::min(dotted.size(), label.size() + 1));
  }
  return out.u8(0).bytes();
}

DnsBuilder::DnsBuilder(std::string_view qname, std::uint16_t qtype, bool response)
    : flags_(response ? 0x8180 : 0x0100) {
  body_.raw(dns_name(qname)).u16(qtype).u16(1);
}

DnsBuilder& DnsBuilder::answer(std::uint16_t type, std::span<const std::byte> data,
                               std::uint32_t ttl) {
  ++answers_;
  body_.u16(0xc00c).u16(type).u16(1).u32(ttl).u16_sized(data);
  return *this;
}

DnsBuilder& DnsBuilder::answer_of(std::span<const std::byte> owner, std::uint16_t type,
                                  std::span<const std::byte> data) {
  ++answers_;
  body_.raw(owner).u16(type).u16(1).u32(60).u16_sized(data);
  return *this;
}

DnsBuilder& DnsBuilder::opt(std::uint16_t payload, std::uint8_t upper_rcode) {
  ++additionals_;
  body_.u8(0).u16(41).u16(payload).u8(upper_rcode).u24(0).u16(0);
  return *this;
}

DnsBuilder& DnsBuilder::flags(std::uint16_t set) {
  flags_ = static_cast<std::uint16_t>(flags_ | set);
  return *this;
}

Bytes DnsBuilder::bytes() const {
  ByteWriter out;
  out.u16(0x1234).u16(flags_).u16(1).u16(answers_).u16(0).u16(additionals_).raw(body_.bytes());
  return out.bytes();
}

Bytes client_hello(const HelloOptions& options) {
  ByteWriter extensions;
  if (options.grease) extensions.u16(0x1a1a).u16(0);
  if (!options.host.empty()) {
    ByteWriter list;
    list.u8(0).u16_sized(bytes_of(options.host));
    extensions.u16(0).u16(list.size() + 2).u16_sized(list.bytes());
  }
  if (!options.alpn.empty()) {
    ByteWriter list;
    for (const auto& protocol : options.alpn) list.u8_sized(bytes_of(protocol));
    extensions.u16(16).u16(list.size() + 2).u16_sized(list.bytes());
  }
  ByteWriter versions;
  if (options.grease) versions.u16(0xfafa);
  versions.u16(0x0304).u16(0x0303);
  extensions.u16(43).u16(versions.size() + 1).u8_sized(versions.bytes());
  extensions.u16(13).u16(6).u16(4).u16(0x0403).u16(0x0804);
  if (options.ech) extensions.u16(0xfe0d).u16(10).u8(0).u16(1).u16(1).u8(7).u16(0).u16(0);
  if (options.padding > 0) extensions.u16(21).u16(options.padding).fill(options.padding);

  ByteWriter body;
  body.u16(0x0303).fill(32, 0x5a).u8(0);
  if (options.grease)
    body.u16(6).u16(0x2a2a);
  else
    body.u16(4);
  body.u16(0x1301).u16(0xc02f).u8(1).u8(0).u16_sized(extensions.bytes());
  return ByteWriter().u8(1).u24(body.size()).raw(body.bytes()).bytes();
}

Bytes tls_records(std::span<const std::byte> handshake, std::size_t record_size) {
  ByteWriter out;
  while (!handshake.empty()) {
    const auto part = handshake.first(std::min(record_size, handshake.size()));
    out.u8(22).u16(0x0301).u16_sized(part);
    handshake = handshake.subspan(part.size());
  }
  return out.bytes();
}

PacketEvent packet(PacketKind kind, std::span<const std::byte> payload, std::uint32_t seq,
                   bool first) {
  PacketEvent out;
  out.head.time_ns = 1'700'000'000'000'000'000;
  out.head.process = {42, 7};
  out.kind = kind;
  out.local = {*IpAddress::parse("10.0.0.1"), 40'000};
  const bool dns = kind == PacketKind::kDnsUdp || kind == PacketKind::kDnsTcp;
  out.remote = {*IpAddress::parse("192.0.2.1"), static_cast<std::uint16_t>(dns ? 53 : 443)};
  out.net_ns = 4;
  out.tcp_seq = seq;
  out.tcp_first = first;
  out.length = static_cast<std::uint32_t>(payload.size());
  out.payload.assign(payload.begin(), payload.end());
  return out;
}

}  // namespace tocsin::test
