// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/read_capture.hpp"

#include <netinet/in.h>
#include <pcap/dlt.h>

#include <algorithm>

#include "support/frames.hpp"
#include "support/name_packets.hpp"
#include "support/temp_dir.hpp"
#include "support/test.hpp"

using namespace tocsin;
using namespace tocsin::test;

namespace {

constexpr WallNs kStart = 1'700'000'000'000'000'000;
const Path kDns = path("10.0.0.1", 5353, "10.0.0.53", 53);
const Path kWeb = path("10.0.0.1", 40'000, "192.0.2.7", 443);
const Path kWeb6 = path("2001:db8::1", 40'000, "2001:db8::7", 443);

struct Read {
  CaptureSummary summary;
  std::vector<Event> events;
  template <typename E>
  [[nodiscard]] std::vector<E> all() const {
    std::vector<E> out;
    for (const auto& event : events)
      if (const auto* one = std::get_if<E>(&event)) out.push_back(*one);
    return out;
  }
};

std::vector<TimedFrame> timed(const std::vector<Bytes>& packets) {
  std::vector<TimedFrame> out;
  for (const auto& packet : packets)
    out.push_back({kStart + static_cast<WallNs>(out.size()) * 1'000'000, packet});
  return out;
}

Read read(const std::string& file) {
  Read out;
  auto summary = read_capture(file, [&](Event event) { out.events.push_back(std::move(event)); });
  if (!summary) FAIL(summary.error().message);
  out.summary = *summary;
  return out;
}

Read read(const std::vector<TimedFrame>& frames, int link_type = DLT_RAW) {
  const TempDir dir;
  write_pcap(dir.file("x.pcap"), link_type, frames);
  return read(dir.file("x.pcap"));
}

Bytes hello(const std::string& host, std::size_t padding = 0) {
  return tls_records(client_hello({.host = host, .padding = padding}));
}

// A question, its answer, then a connection that says a name in two segments, the second first.
std::vector<Bytes> exchange(const Path& web) {
  const auto said = hello("www.example.com", 1500);
  const ByteSpan all = said;
  return {udp_packet(kDns, DnsBuilder("www.example.com", 1, false).bytes()),
          udp_packet(kDns.back(),
                     DnsBuilder("www.example.com").answer(1, bytes_of_hex("c0000207")).bytes()),
          tcp_packet(web, 99, kTcpSyn),
          tcp_packet(web.back(), 7, kTcpSyn | kTcpAck),
          tcp_packet(web, 100 + 600, kTcpAck, all.subspan(600)),
          tcp_packet(web, 100, kTcpAck, all.first(600))};
}

void check_exchange(const Read& out, const Path& web) {
  const auto dns = out.all<DnsEvent>();
  REQUIRE(dns.size() == 2);
  CHECK(dns[0].qname == "www.example.com");
  CHECK(dns[0].client == kDns.from);
  CHECK(dns[1].server == kDns.to);
  CHECK(dns[1].answers.at(0).data == "192.0.2.7");
  const auto hellos = out.all<HelloEvent>();
  REQUIRE(hellos.size() == 1);
  CHECK(hellos[0].host == "www.example.com");
  CHECK(hellos[0].remote == web.to);
  CHECK(hellos[0].local == web.from);
  const auto connects = out.all<ConnectEvent>();
  REQUIRE(connects.size() == 2);
  CHECK(connects[0].remote == kDns.to);
  CHECK(connects[0].datagram);
  CHECK(connects[1].remote == web.to);
  CHECK(connects[1].local == web.from);
  CHECK(connects[1].result == ConnectResult::kOk);
  CHECK(connects[1].host == "www.example.com");
  CHECK(connects[1].host_source == "tls-sni");
  // The connect stands before the hello that named it.
  CHECK(std::holds_alternative<ConnectEvent>(out.events.at(3)));
  CHECK(std::holds_alternative<HelloEvent>(out.events.at(4)));
  CHECK(out.summary.faults() == 0);
}

}  // namespace

TEST_CASE("every link type leads to the same events") {
  for (const auto& web : {kWeb, kWeb6}) {
    const auto packets = exchange(web);
    std::vector<Bytes> framed[6];
    for (const auto& packet : packets) {
      const bool v6 = std::to_integer<int>(packet[0]) >> 4 == 6;
      const auto type = static_cast<std::uint16_t>(v6 ? 0x86dd : 0x0800);
      framed[0].push_back(ethernet(packet));
      framed[1].push_back(ethernet(packet, {100, 200}));
      framed[2].push_back(ByteWriter().u16(0).u16(1).u16(6).fill(8).u16(type).raw(packet).bytes());
      framed[3].push_back(ByteWriter().u16(type).fill(18).raw(packet).bytes());
      framed[4].push_back(ByteWriter().u32(v6 ? 0x1e00'0000 : 0x0200'0000).raw(packet).bytes());
      framed[5].push_back(ByteWriter().u32(v6 ? 24 : 2).raw(packet).bytes());
    }
    check_exchange(read(timed(packets), DLT_RAW), web);
    const int types[] = {DLT_EN10MB, DLT_EN10MB, DLT_LINUX_SLL, DLT_LINUX_SLL2, DLT_NULL, DLT_LOOP};
    for (std::size_t i = 0; i < 6; ++i) {
      INFO("link type " << types[i] << ", " << i);
      check_exchange(read(timed(framed[i]), types[i]), web);
    }
  }
  check_exchange(read(timed(exchange(kWeb)), DLT_IPV4), kWeb);
}

TEST_CASE("pcapng is read in both byte orders, by content and not by name") {
  const TempDir dir;
  for (const bool big : {false, true}) {
    const auto bytes = pcapng(DLT_RAW, timed(exchange(kWeb)), big);
    CHECK(PcapReader::looks_like_one(bytes));
    const auto out = read(dir.write("capture.txt", as_text(bytes)));
    check_exchange(out, kWeb);
    CHECK(std::get<ConnectEvent>(out.events[0]).head.time_ns == kStart);
  }
  CHECK_FALSE(PcapReader::looks_like_one(bytes_of("{\"ts\":1")));
}

TEST_CASE("fragments are put together in any order") {
  const auto question = DnsBuilder(std::string(60, 'a') + ".example", 1, false).bytes();
  for (const auto& where : {kDns, path("2001:db8::1", 5353, "2001:db8::53", 53)}) {
    auto parts = ip_fragments(where, IPPROTO_UDP, udp_datagram(where, question), 24);
    REQUIRE(parts.size() > 3);
    std::ranges::reverse(parts);
    const auto out = read(timed(parts));
    REQUIRE(out.all<DnsEvent>().size() == 1);
    CHECK(out.summary.faults() == 0);
    parts.pop_back();
    const auto missing = read(timed(parts));
    CHECK(missing.all<DnsEvent>().empty());
    CHECK(missing.summary.incomplete == 1);
  }
}

TEST_CASE("outcomes of connects") {
  const auto refused = read(timed({tcp_packet(kWeb, 1, kTcpSyn), tcp_packet(kWeb, 1, kTcpSyn),
                                   tcp_packet(kWeb.back(), 0, kTcpRst | kTcpAck)}));
  REQUIRE(refused.all<ConnectEvent>().size() == 1);
  CHECK(refused.all<ConnectEvent>()[0].result == ConnectResult::kRefused);
  const auto other = path("10.0.0.1", 40'001, "192.0.2.8", 443);
  auto frames = timed({tcp_packet(kWeb, 1, kTcpSyn), tcp_packet(other, 1, kTcpSyn)});
  frames[1].time_ns = kStart + CaptureEvents::kHoldNs + 1;
  const auto silent = read(frames).all<ConnectEvent>();
  REQUIRE(silent.size() == 2);
  CHECK(silent[0].result == ConnectResult::kTimeout);
  CHECK(silent[1].result == ConnectResult::kInProgress);  // the capture ends before its time
  // The same ports again are another connection.
  const auto twice =
      read(timed({tcp_packet(kWeb, 1, kTcpSyn), tcp_packet(kWeb, 9, kTcpAck | kTcpFin),
                  tcp_packet(kWeb, 5000, kTcpSyn)}));
  CHECK(twice.all<ConnectEvent>().size() == 2);
}

TEST_CASE("HTTP, QUIC and DNS over TCP in a capture") {
  const auto plain = path("10.0.0.1", 40'002, "192.0.2.9", 8080);
  const auto tcp_dns = path("10.0.0.1", 40'003, "10.0.0.53", 53);
  const auto quic = path("10.0.0.1", 40'004, "192.0.2.10", 4433);
  const auto message = DnsBuilder("tcp.example", 1, false).bytes();
  const auto initial =
      bytes_of_hex(read_text(TOCSIN_SOURCE_DIR "/tests/unit/names/data/rfc9001-a2.hex"));
  const auto out = read(timed(
      {tcp_packet(plain, 1, kTcpSyn), tcp_packet(plain.back(), 1, kTcpSyn | kTcpAck),
       tcp_packet(plain, 2, kTcpAck, bytes_of("GET / HTTP/1.1\r\nHost: plain.example\r\n\r\n")),
       tcp_packet(tcp_dns, 5, kTcpAck, ByteWriter().u16_sized(message).bytes()),
       udp_packet(quic, initial)}));
  const auto hellos = out.all<HelloEvent>();
  REQUIRE(hellos.size() == 2);
  CHECK(hellos[0].kind == HelloKind::kHttp);
  CHECK(hellos[1].kind == HelloKind::kQuic);
  CHECK(hellos[1].host == "example.com");
  REQUIRE(out.all<DnsEvent>().size() == 1);
  CHECK(out.all<DnsEvent>()[0].protocol == IPPROTO_TCP);
  const auto connects = out.all<ConnectEvent>();
  REQUIRE(connects.size() == 2);
  CHECK(connects[0].host_source == "http-host");
  CHECK(connects[1].host_source == "quic-sni");
}

TEST_CASE("packets that give nothing are counted by reason") {
  auto bad_length = udp_packet(kDns, bytes_of("x"));
  bad_length[25] = std::byte{200};  // UDP length beyond the packet
  auto frames = timed({ByteWriter().u8(0x60).fill(10).bytes(), bad_length,
                       ip_packet(kWeb, IPPROTO_ICMP, Bytes(8)), Bytes(3, std::byte{0x10})});
  auto syn = exchange(kWeb)[2];
  syn.resize(25);
  frames.push_back({kStart, syn, 40});
  const auto out = read(frames);
  const auto count = [&](LayerFault f) {
    return out.summary.by_fault[static_cast<std::size_t>(f)];
  };
  CHECK(count(LayerFault::kCut) == 2);
  CHECK(count(LayerFault::kMalformed) == 1);
  CHECK(count(LayerFault::kNotTcpOrUdp) == 1);
  CHECK(count(LayerFault::kNotIp) == 1);
  CHECK(out.summary.frames == 5);
  CHECK(out.summary.used == 0);
  CHECK(out.summary.to_string().find("5 packets, 0 of TCP or UDP") == 0);
}

TEST_CASE("a damaged file gives what stands before the damage, a foreign link type an error") {
  const TempDir dir;
  write_pcap(dir.file("x.pcap"), DLT_RAW, timed(exchange(kWeb)));
  auto text = read_text(dir.file("x.pcap"));
  text.resize(text.size() - 30);
  const auto out = read(dir.write("torn.pcap", text));
  CHECK(out.summary.frames == 5);
  CHECK(out.summary.damage.find("behind packet 5") != std::string::npos);
  CHECK(out.all<DnsEvent>().size() == 2);
  write_pcap(dir.file("usb.pcap"), DLT_USB_LINUX, {});
  const auto foreign = read_capture(dir.file("usb.pcap"), [](const Event&) {});
  REQUIRE_FALSE(foreign);
  CHECK(foreign.error().code == ErrorCode::kUnsupported);
}

TEST_CASE("what waits behind a connect is bounded in memory") {
  // Answers whose names are long and odd, all within a moment, behind an unanswered attempt.
  ByteWriter name;
  for (int i = 0; i < 3; ++i) name.u8(63).fill(63, 1);
  name.u8(0);
  DnsBuilder builder("x");
  builder.answer_of(name.bytes(), 5, name.bytes());
  for (int i = 0; i < 60; ++i) builder.answer(5, bytes_of_hex("c013"));  // the long name above
  const auto message = builder.bytes();
  Transport answer;
  answer.protocol = IPPROTO_UDP;
  answer.source = kDns.to.address;
  answer.destination = kDns.from.address;
  answer.source_port = 53;
  answer.destination_port = 5353;
  answer.payload = message;
  answer.length = static_cast<std::uint32_t>(message.size());
  answer.time_ns = kStart;
  Transport syn = answer;
  syn.protocol = IPPROTO_TCP;
  syn.tcp_flags = kTcpSyn;
  syn.payload = {};
  syn.length = 0;
  std::size_t events = 0;
  const auto capture = CaptureEvents::create([&](const Event&) { ++events; }).value();
  capture->on_packet(syn);
  for (int i = 0; i < 3'000; ++i) {
    capture->on_packet(answer);
    CHECK(capture->held_bytes() <= CaptureEvents::kHeldBytesMax + 1024 * 1024);
  }
  CHECK(events > 0);
  capture->finish();
  CHECK(events == 3'001);
  CHECK(capture->held_bytes() == 0);
}
