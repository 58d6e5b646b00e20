// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "names/packet_names.hpp"

#include <netinet/in.h>

#include <utility>

#include "names/dns_codes.hpp"

namespace tocsin {

Result<PacketNames> PacketNames::create(Sinks sinks) {
  TOCSIN_TRY(auto crypto, QuicCrypto::create());
  return PacketNames(std::move(sinks), std::move(crypto));
}

PacketNames::PacketNames(Sinks sinks, QuicCrypto crypto)
    : on_dns_(std::move(sinks.on_dns)),
      streams_(sinks.on_hello),
      quic_(std::move(crypto), sinks.on_hello) {}

void PacketNames::on_packet(const PacketEvent& packet) {
  ++counters_.packets[static_cast<std::size_t>(packet.kind)];
  switch (packet.kind) {
    case PacketKind::kDnsUdp:
      return on_dns(packet, packet.payload, packet.length);
    case PacketKind::kDnsTcp:
      return dns_streams_.on_segment(
          packet, [&](ByteSpan message, std::size_t length) { on_dns(packet, message, length); });
    case PacketKind::kTcpStart:
    case PacketKind::kQuic:
      break;
  }
  // Only a client says where it wants to go; what comes in was said to this host.
  if (!packet.outgoing) return static_cast<void>(++counters_.incoming_ignored);
  if (packet.kind == PacketKind::kQuic)
    quic_.on_datagram(packet);
  else
    streams_.on_segment(packet);
}

void PacketNames::on_dns(const PacketEvent& packet, ByteSpan message, std::size_t length) {
  auto parsed = parse_dns_message(message, length);
  if (!parsed)
    return static_cast<void>(++counters_.dns_faults[static_cast<std::size_t>(parsed.error())]);
  ++counters_.dns;
  if (parsed->cut) ++counters_.dns_cut;
  if (parsed->malformed) ++counters_.dns_damaged;
  DnsEvent event;
  event.head = packet.head;
  event.qname = std::move(parsed->qname);
  event.qtype = dns::type_name(parsed->qtype);
  if (parsed->response) event.rcode = dns::rcode_name(parsed->rcode);
  event.answers = std::move(parsed->answers);
  event.response = parsed->response;
  event.id = parsed->id;
  event.truncated = parsed->truncated;
  event.cut = parsed->cut;
  event.protocol = packet.kind == PacketKind::kDnsUdp ? IPPROTO_UDP : IPPROTO_TCP;
  // The resolver itself, seen on its own socket, has the port on its side.
  const bool serving = packet.remote.port != dns::kPort && packet.local.port == dns::kPort;
  event.server = serving ? packet.local : packet.remote;
  event.client = serving ? packet.remote : packet.local;
  event.cookie = packet.cookie;
  event.net_ns = packet.net_ns;
  on_dns_(std::move(event));
}

void PacketNames::tick(WallNs now) {
  dns_streams_.tick(now);
  streams_.tick(now);
  quic_.tick(now);
}

PacketNamesCounters PacketNames::counters() const {
  auto out = counters_;
  out.dns_streams = dns_streams_.counters();
  out.streams = streams_.counters();
  out.quic = quic_.counters();
  return out;
}

}  // namespace tocsin
