// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "names/packet_names.hpp"

#include <netinet/in.h>

#include "base/limits.hpp"
#include "support/name_packets.hpp"
#include "support/test.hpp"

using namespace tocsin;
using namespace tocsin::test;

namespace {

struct Watch {
  std::vector<DnsEvent> dns;
  std::vector<HelloEvent> hellos;
  PacketNames names =
      *PacketNames::create({.on_dns = [this](DnsEvent e) { dns.push_back(std::move(e)); },
                            .on_hello = [this](HelloEvent e) { hellos.push_back(std::move(e)); }});
};

Bytes framed(std::span<const std::byte> message) {
  return ByteWriter().u16_sized(message).bytes();
}

PacketEvent answer_segment(std::span<const std::byte> bytes, std::uint32_t seq, bool first) {
  auto out = packet(PacketKind::kDnsTcp, bytes, seq, first);
  out.outgoing = false;
  return out;
}

}  // namespace

TEST_CASE("an answer inherits process, socket and server from its packet") {
  Watch watch;
  auto answer = packet(PacketKind::kDnsUdp,
                       DnsBuilder("a.example").answer(1, bytes_of_hex("c0000207")).bytes());
  answer.outgoing = false;
  answer.cookie = 99;
  watch.names.on_packet(answer);
  REQUIRE(watch.dns.size() == 1);
  const auto& e = watch.dns[0];
  CHECK(e.head.process == ProcessId{42, 7});
  CHECK(e.qname == "a.example");
  CHECK(e.qtype == "A");
  CHECK(e.rcode == "NOERROR");
  CHECK(e.response == true);
  CHECK(e.answers.at(0).data == "192.0.2.7");
  CHECK(e.protocol == IPPROTO_UDP);
  CHECK(e.server.port == 53);
  CHECK(e.cookie == 99);
  CHECK(e.net_ns == 4);
  watch.names.on_packet(packet(PacketKind::kDnsUdp, DnsBuilder("b.example", 28, false).bytes()));
  REQUIRE(watch.dns.size() == 2);
  CHECK(watch.dns[1].rcode.empty());
  CHECK(watch.dns[1].response == false);
  CHECK(watch.dns[1].qtype == "AAAA");
}

TEST_CASE("DNS over TCP: several messages, split anywhere, in any order") {
  const auto one = DnsBuilder("one.example").answer(1, bytes_of_hex("c0000201")).bytes();
  const auto two = DnsBuilder("two.example").answer(1, bytes_of_hex("c0000202")).bytes();
  auto stream = framed(one);
  const auto second = framed(two);
  stream.insert(stream.end(), second.begin(), second.end());
  for (std::size_t cut = 1; cut < stream.size(); ++cut) {
    Watch watch;
    const ByteSpan head = ByteSpan(stream).first(cut), tail = ByteSpan(stream).subspan(cut);
    if (cut % 2 == 0) {
      watch.names.on_packet(answer_segment(head, 7, true));
      watch.names.on_packet(answer_segment(tail, 7 + static_cast<std::uint32_t>(cut), false));
    } else {
      watch.names.on_packet(answer_segment(head, 7, true));
      watch.names.on_packet(answer_segment(head, 7, true));
      watch.names.on_packet(answer_segment(tail, 7 + static_cast<std::uint32_t>(cut), false));
    }
    REQUIRE(watch.dns.size() == 2);
    CHECK(watch.dns[0].qname == "one.example");
    CHECK(watch.dns[1].qname == "two.example");
    CHECK(watch.dns[1].protocol == IPPROTO_TCP);
  }
}

TEST_CASE("DNS over TCP goes on behind bytes that were not captured") {
  DnsBuilder large("large.example");
  for (int i = 0; i < 50; ++i) large.answer(1, bytes_of_hex("c0000201"));
  const auto stream = framed(large.bytes());
  Watch watch;
  auto segment = answer_segment(ByteSpan(stream).first(200), 1, true);
  segment.length = static_cast<std::uint32_t>(stream.size());
  watch.names.on_packet(segment);
  REQUIRE(watch.dns.size() == 1);
  CHECK(watch.dns[0].cut);
  CHECK(watch.dns[0].answers.size() > 5);
  const auto next = framed(DnsBuilder("next.example").bytes());
  watch.names.on_packet(answer_segment(next, 1 + static_cast<std::uint32_t>(stream.size()), false));
  REQUIRE(watch.dns.size() == 2);
  CHECK(watch.dns[1].qname == "next.example");
  CHECK(watch.names.counters().dns_streams.gaps == 1);
}

TEST_CASE("DNS over TCP seen from its middle is found at the next message") {
  Watch watch;
  watch.names.on_packet(answer_segment(Bytes(100, std::byte{0x55}), 500, false));
  CHECK(watch.names.counters().dns_streams.unsynchronized == 1);
  watch.names.on_packet(answer_segment(framed(DnsBuilder("mid.example").bytes()), 600, false));
  REQUIRE(watch.dns.size() == 1);
  CHECK(watch.dns[0].qname == "mid.example");
}

TEST_CASE("hellos of other hosts' clients are not this host's contacts") {
  Watch watch;
  auto incoming = packet(PacketKind::kTcpStart, tls_records(client_hello({})));
  incoming.outgoing = false;
  watch.names.on_packet(incoming);
  CHECK(watch.hellos.empty());
  CHECK(watch.names.counters().incoming_ignored == 1);
  incoming.outgoing = true;
  watch.names.on_packet(incoming);
  CHECK(watch.hellos.size() == 1);
}

TEST_CASE("every packet is counted by kind and every fault by reason") {
  Watch watch;
  watch.names.on_packet(packet(PacketKind::kDnsUdp, bytes_of("x")));
  watch.names.on_packet(
      packet(PacketKind::kDnsUdp, DnsBuilder("x", 1, false).flags(5 << 11).bytes()));
  watch.names.on_packet(packet(PacketKind::kQuic, bytes_of("x")));
  watch.names.on_packet(packet(PacketKind::kTcpStart, bytes_of("SSH-2.0-x\r\n")));
  const auto c = watch.names.counters();
  CHECK(c.packets == std::array<std::uint64_t, 4>{2, 0, 1, 1});
  CHECK(c.dns_faults[static_cast<std::size_t>(DnsFault::kShort)] == 1);
  CHECK(c.dns_faults[static_cast<std::size_t>(DnsFault::kNotQuery)] == 1);
  CHECK(c.streams.other == 1);
}

TEST_CASE("a flood of DNS streams stays in bounds") {
  Watch watch;
  for (std::uint32_t i = 0; i < 4 * limits::kDnsStreamsMax; ++i) {
    auto segment = answer_segment(ByteWriter().u16(60'000).fill(1000).bytes(), 1, true);
    segment.cookie = i + 1;
    watch.names.on_packet(segment);
  }
  CHECK(watch.names.counters().dns_streams.evicted == 3 * limits::kDnsStreamsMax);
  watch.names.tick(1'700'001'000'000'000'000);
  CHECK(watch.dns.empty());
}
