// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// The first bytes that clients send: TLS, HTTP and QUIC, by real programs to real servers, whole
// however they are cut into packets.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "support/kernel.hpp"
#include "support/packets.hpp"
#include "support/two_hosts.hpp"

using namespace tocsin;
using namespace tocsin::test;

namespace {

constexpr std::uint16_t kTlsPort = 8443;

struct Watch {
  TwoHosts net;
  CaptureWatch capture;

  std::vector<PacketEvent> packets(PacketKind kind, pid_t pid) {
    capture.read_for(Millis(80));
    CHECK(capture.undecodable() == 0);
    return packets_of(capture, kind, pid);
  }
};

// Bytes of the first TLS record, by its own header; 0: not a handshake.
std::size_t first_record(std::span<const std::byte> bytes) {
  if (bytes.size() < 5 || bytes[0] != std::byte{0x16}) return 0;
  return 5 + (std::to_integer<std::size_t>(bytes[3]) << 8 | std::to_integer<std::size_t>(bytes[4]));
}

void check_hello(const std::vector<PacketEvent>& packets, const std::string& server,
                 const std::string& name, const Watch& watch) {
  REQUIRE_FALSE(packets.empty());
  for (const PacketEvent& p : packets) {
    CHECK(p.outgoing);
    CHECK(p.remote.address == IpAddress::parse(server));
    CHECK(p.net_ns == watch.net.client_net_ns());
    CHECK(p.cookie == packets[0].cookie);
  }
  const auto stream = stream_of(packets, true);
  CHECK(contains(stream, name));
  CHECK(stream.size() == first_record(stream));  // all of the hello and nothing behind it
}

// Runs in a child: enters the client's namespace, connects, sends the pieces one by one.
int send_pieces(const std::string& net_ns, std::uint16_t port,
                const std::vector<std::string>& pieces) {
  const Fd there(::open(("/run/netns/" + net_ns).c_str(), O_RDONLY | O_CLOEXEC));
  if (!there || ::setns(there.get(), CLONE_NEWNET) != 0) return 1;
  const Fd s(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in to{};
  to.sin_family = AF_INET, to.sin_port = htons(port);
  ::inet_pton(AF_INET, TwoHosts::kServer, &to.sin_addr);
  const int at_once = 1;
  ::setsockopt(s.get(), IPPROTO_TCP, 1 /* TCP_NODELAY */, &at_once, sizeof at_once);
  if (::connect(s.get(), reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) return 2;
  for (const std::string& piece : pieces) {
    if (::send(s.get(), piece.data(), piece.size(), MSG_NOSIGNAL) !=
        static_cast<ssize_t>(piece.size()))
      return 3;
    ::usleep(2'000);
  }
  return 0;
}

// A handshake record of a client hello with this many bytes of body, as far as anybody looks.
std::string hello_of(std::size_t body) {
  const std::size_t message = body + 4;
  std::string out = {'\x16', '\x03', '\x01', static_cast<char>(message >> 8),
                     static_cast<char>(message)};
  out += {'\x01', '\0', static_cast<char>(body >> 8), static_cast<char>(body)};
  for (std::size_t i = 0; i < body; ++i) out += static_cast<char>('a' + i % 26);
  return out;
}

}  // namespace

TEST_CASE("curl and openssl: the ClientHello, by IPv4 and IPv6, at any port", "[hello][vm]") {
  TOCSIN_NEEDS_KERNEL();
  if (const auto why = TwoHosts::refusal(); !why.empty()) return print_skipped("hello", why);
  Watch watch;
  const auto server = watch.net.start_tls(kTlsPort);
  for (const std::string address : {TwoHosts::kServer, TwoHosts::kServer6}) {
    INFO(address);
    const bool v6 = address.find(':') != std::string::npos;
    const std::string at = v6 ? "[" + address + "]" : address;
    const auto curl = watch.net.on_client(
        {"curl", "-sk", "--max-time", "10", "--resolve",
         "named.example:" + std::to_string(kTlsPort) + ":" + at, "-o", "/dev/null",
         "https://named.example:" + std::to_string(kTlsPort) + "/"});
    REQUIRE(curl.end.exit_code == 0);
    check_hello(watch.packets(PacketKind::kTcpStart, curl.pid), address, "named.example", watch);
    const auto s_client =
        watch.net.on_client({"openssl", "s_client", "-connect", at + ":" + std::to_string(kTlsPort),
                             "-servername", "other.example"});
    check_hello(watch.packets(PacketKind::kTcpStart, s_client.pid), address, "other.example",
                watch);
  }
  // What the server says is no hello of a client.
  CHECK(watch.packets(PacketKind::kTcpStart, server->pid()).empty());
  CHECK(watch.packets(PacketKind::kTcpStart, 0).empty());
}

TEST_CASE("a hello arrives whole however it is written", "[hello]") {
  TOCSIN_NEEDS_KERNEL();
  if (const auto why = TwoHosts::refusal(); !why.empty()) return print_skipped("hello", why);
  Watch watch;
  const auto server = watch.net.start_tls(kTlsPort);
  const std::string normal = hello_of(300), large = hello_of(1'900), huge = hello_of(12'000);
  std::vector<std::string> dribble;
  for (const char c : normal.substr(0, 12)) dribble.emplace_back(1, c);
  dribble.push_back(normal.substr(12));
  const std::vector<std::vector<std::string>> ways = {
      {normal},
      {normal + "what comes behind it"},
      {normal.substr(0, 3), normal.substr(3, 100), normal.substr(103)},
      dribble,
      {large},  // beyond one packet of the cable
      {large.substr(0, 700), large.substr(700)},
      {huge},
  };
  const std::vector<std::string> whole = {normal, normal, normal, normal, large, large, huge};
  for (std::size_t i = 0; i < ways.size(); ++i) {
    INFO("way " << i);
    const Launched client =
        run_forked([&] { return send_pieces(watch.net.client_name(), kTlsPort, ways[i]); });
    REQUIRE(client.status == 0);
    const auto packets = watch.packets(PacketKind::kTcpStart, client.pid);
    REQUIRE_FALSE(packets.empty());
    CHECK(packets[0].tcp_first);
    CHECK(std::count_if(packets.begin(), packets.end(), [](auto& p) { return p.tcp_first; }) == 1);
    const auto stream = stream_of(packets, true);
    CHECK(std::string(reinterpret_cast<const char*>(stream.data()), stream.size()) == whole[i]);
  }
}

TEST_CASE("an HTTP request's head is taken, other protocols are not", "[hello]") {
  TOCSIN_NEEDS_KERNEL();
  if (const auto why = TwoHosts::refusal(); !why.empty()) return print_skipped("hello", why);
  Watch watch;
  const auto server = watch.net.start_tls(kTlsPort);  // takes any bytes until it finds them wrong
  const std::string request = "GET /x HTTP/1.1\r\nHost: plain.example\r\n\r\n";
  const Launched http = run_forked([&] {
    return send_pieces(watch.net.client_name(), kTlsPort,
                       {request.substr(0, 17), request.substr(17)});
  });
  REQUIRE(http.status == 0);
  const auto packets = watch.packets(PacketKind::kTcpStart, http.pid);
  CHECK(contains(stream_of(packets, true), "Host: plain.example"));
  CHECK(packets.size() == 2);
  for (const std::string first :
       {"SSH-2.0-OpenSSH_9.2\r\n", "\x16\x03\x01\x02\x04\x02 server hello", "GARBAGE",
        "\x17\x03\x03 data"}) {
    const Launched other = run_forked([&] {
      return send_pieces(watch.net.client_name(), kTlsPort, {first, request});
    });
    INFO(first);
    CHECK(watch.packets(PacketKind::kTcpStart, other.pid).empty());
  }
}

TEST_CASE("QUIC: the client's Initial packets, not the server's", "[hello]") {
  TOCSIN_NEEDS_KERNEL();
  if (const auto why = TwoHosts::refusal(); !why.empty()) return print_skipped("hello", why);
  Watch watch;
  constexpr std::uint16_t kPort = 9443;
  const auto dns =
      watch.net.start_dns(std::string("host-record=quic.example,") + TwoHosts::kServer + "\n");
  const auto server = watch.net.start_on_server(
      {"gtlsserver", "-q", "*", std::to_string(kPort), watch.net.key(), watch.net.certificate()});
  watch.net.wait_port(true, "udp", kPort);
  const auto client =
      watch.net.on_client({"gtlsclient", "-q", "--exit-on-all-streams-close", "--timeout=2s",
                           "quic.example", std::to_string(kPort), "https://quic.example/"});
  INFO(client.end.err);
  const auto packets = watch.packets(PacketKind::kQuic, client.pid);
  REQUIRE_FALSE(packets.empty());
  for (const PacketEvent& p : packets) {
    CHECK(p.outgoing);
    CHECK(p.remote.port == kPort);
    CHECK(p.length >= 1'200);
    CHECK(p.payload.size() == p.length);
    CHECK(std::memcmp(p.payload.data() + 1, "\0\0\0\1", 4) == 0);
  }
  CHECK(watch.packets(PacketKind::kQuic, server->pid()).empty());
  CHECK(watch.packets(PacketKind::kQuic, 0).empty());
}

TEST_CASE("QUIC by its first bytes: both versions, several datagrams in one send", "[hello]") {
  TOCSIN_NEEDS_KERNEL();
  CaptureWatch capture;
  const std::string v1("\xc3\0\0\0\1", 5), v2 = "\xd3\x6b\x33\x43\xcf";
  const std::string handshake("\xe3\0\0\0\1", 5), v2_zero_rtt = "\xe3\x6b\x33\x43\xcf";
  const auto datagram = [](const std::string& head) {
    return head + std::string(1'200 - head.size(), 'q');
  };
  const auto sent_by = [&](const std::string& bytes, int segment) {
    const Launched client = run_forked([&] {
      const Fd s(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
      sockaddr_in to{};
      to.sin_family = AF_INET, to.sin_port = htons(9), to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      if (segment > 0 && ::setsockopt(s.get(), SOL_UDP, UDP_SEGMENT, &segment, sizeof segment) != 0)
        return 1;
      return ::sendto(s.get(), bytes.data(), bytes.size(), 0, reinterpret_cast<sockaddr*>(&to),
                      sizeof to) == static_cast<ssize_t>(bytes.size())
                 ? 0
                 : 2;
    });
    REQUIRE(client.status == 0);
    capture.read_for(Millis(60));
    return packets_of(capture, PacketKind::kQuic, client.pid);
  };
  for (const std::string& head : {v1, v2}) {
    const auto packets = sent_by(datagram(head), 0);
    REQUIRE(packets.size() == 1);
    CHECK(packets[0].payload.size() == 1'200);
  }
  for (const std::string& head : {handshake, v2_zero_rtt, std::string("\x43 short header")})
    CHECK(sent_by(datagram(head), 0).empty());
  CHECK(sent_by(v1 + std::string(100, 'q'), 0).empty());  // too short for an Initial packet

  const auto split = sent_by(datagram(v1) + datagram(v1) + v1 + std::string(1'000, 'r'), 1'200);
  REQUIRE(split.size() == 3);
  CHECK(split[0].length == 1'200);
  CHECK(split[1].length == 1'200);
  CHECK(split[2].length == 1'005);
  CHECK(contains(split[2].payload, "rrrr"));
}
