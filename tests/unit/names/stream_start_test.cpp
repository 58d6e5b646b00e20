// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "names/stream_start.hpp"

#include <algorithm>
#include <random>

#include "base/limits.hpp"
#include "support/name_packets.hpp"
#include "support/test.hpp"

using namespace tocsin;
using namespace tocsin::test;

namespace {

constexpr WallNs kLater = 1'700'000'100'000'000'000;
constexpr std::uint32_t kFirst = 0xffff'ff00;  // wraps within the hello

struct Watch {
  std::vector<HelloEvent> hellos;
  StreamStarts streams{[this](HelloEvent h) { hellos.push_back(std::move(h)); }};
  void feed(std::span<const std::byte> bytes, std::uint32_t seq = kFirst, bool first = true) {
    streams.on_segment(packet(PacketKind::kTcpStart, bytes, seq, first));
  }
};

Bytes hello_stream(const std::string& host, std::size_t padding = 0) {
  return tls_records(client_hello({.host = host, .padding = padding}));
}

}  // namespace

TEST_CASE("a hello in one segment is told once, with its owner") {
  Watch watch;
  const auto stream = hello_stream("one.example");
  watch.feed(stream);
  watch.feed(stream);  // a retransmission
  REQUIRE(watch.hellos.size() == 1);
  const auto& hello = watch.hellos[0];
  CHECK(hello.kind == HelloKind::kTls);
  CHECK(hello.host == "one.example");
  CHECK(hello.head.process == ProcessId{42, 7});
  CHECK(hello.remote.port == 443);
  CHECK(hello.net_ns == 4);
  CHECK(hello.ja4.starts_with("t13d0204h2_"));
  CHECK(watch.streams.held_bytes() == 0);
}

TEST_CASE("segments come in any order, over the end of the sequence numbers") {
  std::mt19937 rng(3);
  const auto stream = hello_stream("mixed.example", 1800);
  for (int round = 0; round < 100; ++round) {
    struct Piece {
      std::size_t at, size;
    };
    std::vector<Piece> pieces;
    for (std::size_t at = 0; at < stream.size();) {
      const auto size = std::min<std::size_t>(stream.size() - at, 100 + rng() % 300);
      pieces.push_back({at, size});
      if (rng() % 3 == 0) pieces.push_back({at / 2, size});
      at += size;
    }
    std::ranges::shuffle(pieces, rng);
    Watch watch;
    for (const auto& [at, size] : pieces)
      watch.feed(ByteSpan(stream).subspan(at, size), kFirst + static_cast<std::uint32_t>(at),
                 at == 0);
    REQUIRE(watch.hellos.size() == 1);
    CHECK(watch.hellos[0].host == "mixed.example");
    CHECK_FALSE(watch.hellos[0].cut);
  }
}

TEST_CASE("HTTP requests are told, other protocols are left alone") {
  Watch watch;
  watch.feed(bytes_of("GET / HTTP/1.1\r\nHo"), 1);
  CHECK(watch.hellos.empty());
  watch.feed(bytes_of("st: web.example\r\n\r\n"), 19, false);
  REQUIRE(watch.hellos.size() == 1);
  CHECK(watch.hellos[0].kind == HelloKind::kHttp);
  CHECK(watch.hellos[0].host == "web.example");
  CHECK(watch.hellos[0].ja4.empty());
  watch.feed(bytes_of("GET / HTTP/1.1\r\nHost: again.example\r\n\r\n"), 40, false);
  CHECK(watch.hellos.size() == 1);
  Watch other;
  other.feed(bytes_of("SSH-2.0-OpenSSH_9.2\r\n"));
  CHECK(other.hellos.empty());
  CHECK(other.streams.counters().other == 1);
  CHECK(other.streams.held_bytes() == 0);
}

TEST_CASE("a hello later in the stream is found: STARTTLS and CONNECT") {
  Watch mail;
  mail.feed(bytes_of("EHLO x\r\n"), 1);
  mail.feed(bytes_of("STARTTLS\r\n"), 9, false);
  mail.feed(hello_stream("mail.example"), 19, false);
  REQUIRE(mail.hellos.size() == 1);
  CHECK(mail.hellos[0].host == "mail.example");
  Watch proxy;
  proxy.feed(bytes_of("CONNECT far.example:443 HTTP/1.1\r\n\r\n"), 1);
  const auto stream = hello_stream("far.example", 600);
  proxy.feed(ByteSpan(stream).first(100), 37, false);
  proxy.feed(ByteSpan(stream).subspan(100), 137, false);
  REQUIRE(proxy.hellos.size() == 2);
  CHECK(proxy.hellos[0].kind == HelloKind::kHttp);
  CHECK(proxy.hellos[1].kind == HelloKind::kTls);
  CHECK(proxy.hellos[1].host == "far.example");
}

TEST_CASE("a later connection between the same ports is one of its own") {
  Watch watch;
  watch.feed(hello_stream("first.example"), 100);
  watch.feed(hello_stream("second.example"), 9000);
  watch.feed(ByteSpan(hello_stream("third.example")).first(40), 20'000);
  watch.feed(hello_stream("fourth.example"), 30'000);
  REQUIRE(watch.hellos.size() == 3);
  CHECK(watch.hellos[2].host == "fourth.example");
}

TEST_CASE("what the capture cut off is told as far as it came") {
  Watch watch;
  const auto stream = hello_stream("cut.example", 3000);
  auto segment = packet(PacketKind::kTcpStart, ByteSpan(stream).first(256));
  segment.length = static_cast<std::uint32_t>(stream.size());
  watch.streams.on_segment(segment);
  REQUIRE(watch.hellos.size() == 1);
  CHECK(watch.hellos[0].host == "cut.example");
  CHECK(watch.hellos[0].cut);
  CHECK(watch.hellos[0].ja4.empty());
}

TEST_CASE("silent streams are told and forgotten") {
  Watch watch;
  const auto stream = hello_stream("silent.example", 3000);
  watch.feed(ByteSpan(stream).first(1000));
  watch.streams.tick(kLater - 99 * kNsPerSecond);
  CHECK(watch.hellos.empty());
  watch.streams.tick(kLater);
  REQUIRE(watch.hellos.size() == 1);
  CHECK(watch.hellos[0].cut);
  CHECK(watch.streams.counters().timed_out == 1);
  Watch never_begun;
  never_begun.feed(Bytes(100), 5, false);
  CHECK(never_begun.streams.held_bytes() == 100);
  never_begun.streams.tick(kLater);
  CHECK(never_begun.streams.held_bytes() == 0);
  CHECK(never_begun.streams.streams() == 0);
}

TEST_CASE("damaged hellos are counted") {
  Watch watch;
  auto stream = hello_stream("bad.example");
  stream.erase(stream.end() - 1);
  stream[4] = static_cast<std::byte>(std::to_integer<int>(stream[4]) - 1);
  stream[8] = static_cast<std::byte>(std::to_integer<int>(stream[8]) - 1);
  watch.feed(stream);
  CHECK(watch.hellos.empty());
  CHECK(watch.streams.counters().malformed_tls == 1);
}

TEST_CASE("a flood of streams stays in bounds and is counted") {
  Watch watch;
  const auto stream = hello_stream("flood.example", 18'000);
  for (std::uint32_t i = 0; i < 2 * limits::kStreamStartsMax; ++i) {
    auto segment = packet(PacketKind::kTcpStart, ByteSpan(stream).first(17'000));
    segment.cookie = i + 1;
    watch.streams.on_segment(segment);
    CHECK(watch.streams.held_bytes() <= limits::kStreamStartsBytesMax);
  }
  CHECK(watch.streams.streams() <= limits::kStreamStartsMax);
  CHECK(watch.streams.counters().evicted > limits::kStreamStartsMax);
  // One stream that never closes its gap holds no more than its share.
  Watch gap;
  for (std::uint32_t i = 0; i < 1000; ++i) gap.feed(Bytes(1400), 2000 + i * 1500, false);
  CHECK(gap.streams.held_bytes() <= limits::kStreamStartBytesMax);
  CHECK(gap.streams.counters().pieces_dropped > 900);
}
