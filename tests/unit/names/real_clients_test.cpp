// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// What real clients really send, over loopback sockets of the test's own.
#include "names/client_hello.hpp"
#include "names/http_host.hpp"
#include "names/packet_names.hpp"
#include "support/name_packets.hpp"
#include "support/real_client.hpp"
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
  void feed(PacketKind kind, const std::vector<Bytes>& pieces) {
    std::uint32_t seq = 77;
    for (const auto& piece : pieces) {
      names.on_packet(packet(kind, piece, seq, seq == 77));
      seq += static_cast<std::uint32_t>(piece.size());
    }
  }
};

bool whole_hello(const Bytes& all) {
  return parse_client_hello(all).state == ParseState::kFound;
}

HelloEvent tls_hello(std::vector<std::string> argv) {
  Watch watch;
  watch.feed(PacketKind::kTcpStart, said_by_tcp_client(std::move(argv), whole_hello));
  REQUIRE(watch.hellos.size() == 1);
  return watch.hellos[0];
}

}  // namespace

TEST_CASE("openssl s_client's hello", "[client]") {
  const auto hello = tls_hello({"openssl", "s_client", "-connect", "127.0.0.1:PORT", "-servername",
                                "Name.Example", "-alpn", "h2,http/1.1"});
  CHECK(hello.host == "name.example");
  CHECK(hello.alpn == std::vector<std::string>{"h2", "http/1.1"});
  CHECK(hello.ja4.starts_with("t13d"));
  CHECK(hello.ja4.substr(8, 2) == "h2");
  const auto none =
      tls_hello({"openssl", "s_client", "-connect", "127.0.0.1:PORT", "-noservername", "-tls1_2"});
  CHECK(none.host.empty());
  CHECK(none.ja4.starts_with("t12i"));
  // The same program, the same last part: only name and protocol differ.
  CHECK(tls_hello({"openssl", "s_client", "-connect", "127.0.0.1:PORT", "-servername",
                   "other.example", "-alpn", "h2,http/1.1"})
            .ja4 == hello.ja4);
}

TEST_CASE("a hello larger than a packet", "[client]") {
  std::string protocols = "first";
  for (int i = 0; i < 900; ++i) protocols += ",protocol-" + std::to_string(1000 + i);
  const auto pieces = said_by_tcp_client({"openssl", "s_client", "-connect", "127.0.0.1:PORT",
                                          "-servername", "large.example", "-alpn", protocols},
                                         whole_hello);
  std::size_t size = 0;
  for (const auto& piece : pieces) size += piece.size();
  CHECK(size > 12'000);
  Watch watch;
  watch.feed(PacketKind::kTcpStart, pieces);
  REQUIRE(watch.hellos.size() == 1);
  CHECK(watch.hellos[0].host == "large.example");
  CHECK(watch.hellos[0].ja4.substr(8, 2) == "ft");
}

TEST_CASE("curl's hello and request", "[client]") {
  const auto hello = tls_hello(
      {"curl", "-sk", "--connect-to", "::127.0.0.1:PORT", "https://curl.example/", "-m", "5"});
  CHECK(hello.host == "curl.example");
  Watch watch;
  watch.feed(PacketKind::kTcpStart,
             said_by_tcp_client({"curl", "-s", "--connect-to", "::127.0.0.1:PORT",
                                 "http://plain.example:8080/path", "-m", "5"},
                                [](const Bytes& all) {
                                  return parse_http_host(all).state == ParseState::kFound;
                                }));
  REQUIRE(watch.hellos.size() == 1);
  CHECK(watch.hellos[0].kind == HelloKind::kHttp);
  CHECK(watch.hellos[0].host == "plain.example");
}

TEST_CASE("ngtcp2's Initial", "[client]") {
  Watch watch;
  watch.feed(PacketKind::kQuic, said_by_udp_client({"gtlsclient", "--quiet", "--sni=quic.example",
                                                    "127.0.0.1", "PORT", "https://x/"},
                                                   1));
  REQUIRE(watch.hellos.size() == 1);
  CHECK(watch.hellos[0].kind == HelloKind::kQuic);
  CHECK(watch.hellos[0].host == "localhost");  // what it says for a numeric address
  CHECK(watch.hellos[0].alpn.at(0) == "h3");
  CHECK(watch.hellos[0].ja4.starts_with("q13d"));
  CHECK(watch.names.counters().quic.undecryptable == 0);
}

TEST_CASE("dig's question, and an answer dig accepts", "[client]") {
  Watch watch;
  const auto answer = [](const Bytes& question) {
    auto reply = DnsBuilder("dig.example", 28).answer(28, Bytes(16, std::byte{0x20})).bytes();
    reply[0] = question.at(0);
    reply[1] = question.at(1);
    return std::optional(reply);
  };
  const auto said = said_by_udp_client(
      {"dig", "@127.0.0.1", "-p", "PORT", "Dig.Example", "AAAA", "+tries=1", "+timeout=5"}, 1,
      answer);
  watch.feed(PacketKind::kDnsUdp, said);
  watch.feed(PacketKind::kDnsUdp, {*answer(said[0])});
  REQUIRE(watch.dns.size() == 2);
  CHECK(watch.dns[0].qname == "dig.example");
  CHECK(watch.dns[0].qtype == "AAAA");
  CHECK(watch.dns[1].id == watch.dns[0].id);
  CHECK(watch.dns[1].answers.at(0).data == "2020:2020:2020:2020:2020:2020:2020:2020");

  const auto by_tcp = said_by_tcp_client(
      {"dig", "+tcp", "@127.0.0.1", "-p", "PORT", "tcp.example", "+tries=1", "+timeout=5"},
      [](const Bytes& all) { return all.size() > 2 + 12; });
  watch.feed(PacketKind::kDnsTcp, by_tcp);
  REQUIRE(watch.dns.size() == 3);
  CHECK(watch.dns[2].qname == "tcp.example");
}
