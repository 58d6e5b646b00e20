// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "names/quic_initial.hpp"

#include <algorithm>

#include "base/limits.hpp"
#include "support/name_packets.hpp"
#include "support/quic_builder.hpp"
#include "support/temp_dir.hpp"
#include "support/test.hpp"

using namespace tocsin;
using namespace tocsin::test;

namespace {

const Bytes kId = bytes_of_hex("8394c8f03e515708");
const Bytes kOtherId = bytes_of_hex("0102030405060708");
constexpr WallNs kLater = 1'700'000'100'000'000'000;

struct Watch {
  std::vector<HelloEvent> hellos;
  QuicInitials quic{*QuicCrypto::create(),
                    [this](HelloEvent h) { hellos.push_back(std::move(h)); }};
  void feed(std::span<const std::byte> datagram) {
    quic.on_datagram(packet(PacketKind::kQuic, datagram));
  }
};

Bytes vector_of(const char* file) {
  return bytes_of_hex(read_text(std::string(TOCSIN_SOURCE_DIR "/tests/unit/names/data/") + file));
}

Bytes joined(std::initializer_list<Bytes> parts) {
  Bytes out;
  for (const auto& part : parts) out.insert(out.end(), part.begin(), part.end());
  return out;
}

}  // namespace

TEST_CASE("client keys are those of RFC 9001 appendix A.1 and RFC 9369 appendix A.1") {
  auto crypto = QuicCrypto::create();
  REQUIRE(crypto);
  const auto v1 = crypto->client_keys(kQuicV1, kId);
  REQUIRE(v1);
  CHECK(to_hex(v1->key) == "1f369613dd76d5467730efcbe3b1a22d");
  CHECK(to_hex(v1->iv) == "fa044b2f42a3fd3b46fb255c");
  CHECK(to_hex(v1->header) == "9f50449e04a0e810283a1e9933adedd2");
  const auto v2 = crypto->client_keys(kQuicV2, kId);
  REQUIRE(v2);
  CHECK(to_hex(v2->key) == "8b1a0bc121284290a29e0971b5cd045d");
  CHECK(to_hex(v2->iv) == "91f73e2351d8fa91660e909f");
  CHECK(to_hex(v2->header) == "45b95e15235d6f45a6b19cbcb0294ba9");
  CHECK_FALSE(crypto->client_keys(kQuicV1, ByteSpan(kId).first(7)));
}

TEST_CASE("the client Initials of the RFCs give their name") {
  for (const char* file : {"rfc9001-a2.hex", "rfc9369-a2.hex"}) {
    INFO(file);
    Watch watch;
    const auto datagram = vector_of(file);
    REQUIRE(datagram.size() == 1200);
    watch.feed(datagram);
    REQUIRE(watch.hellos.size() == 1);
    CHECK(watch.hellos[0].kind == HelloKind::kQuic);
    CHECK(watch.hellos[0].host == "example.com");
    CHECK(watch.hellos[0].alpn == std::vector<std::string>{"alpn"});
    CHECK(watch.hellos[0].ja4.starts_with("q13d0211an_"));
    CHECK(watch.hellos[0].head.process == ProcessId{42, 7});
    // Any bit changed, and it is not opened.
    for (std::size_t i = 0; i < datagram.size(); i += 97) {
      Watch damaged;
      auto bytes = datagram;
      bytes[i] ^= std::byte{0x10};
      damaged.feed(bytes);
      CHECK(damaged.hellos.empty());
    }
  }
}

TEST_CASE("frames in any order, over packets and datagrams, give one hello") {
  const auto message = client_hello({.host = "split.example", .padding = 2000});
  const ByteSpan all = message;
  const auto first = crypto_frame(0, all.first(300));
  const auto second = crypto_frame(300, all.subspan(300, 700));
  const auto third = crypto_frame(1000, all.subspan(1000));
  const auto ping_ack = bytes_of_hex("0102000000000000");
  Watch watch;
  // Two packets in one datagram, then the beginning under the id the server chose.
  watch.feed(
      joined({seal_initial({.destination_id = kId, .number = 1}, third),
              seal_initial({.destination_id = kId, .number = 2}, joined({ping_ack, second}))}));
  CHECK(watch.hellos.empty());
  watch.feed(seal_initial({.destination_id = kOtherId, .first_id = kId, .number = 3}, first));
  REQUIRE(watch.hellos.size() == 1);
  CHECK(watch.hellos[0].host == "split.example");
  CHECK_FALSE(watch.hellos[0].cut);
  // A repeat tells nothing new.
  watch.feed(seal_initial({.destination_id = kId, .number = 4}, first));
  CHECK(watch.hellos.size() == 1);
  CHECK(watch.quic.held_bytes() == 0);
}

TEST_CASE("a Retry brings new keys and repeats the hello, another connection another hello") {
  const auto hello = client_hello({.host = "retry.example"});
  Watch watch;
  watch.feed(seal_initial({.destination_id = kId}, crypto_frame(0, ByteSpan(hello).first(50))));
  watch.feed(seal_initial({.destination_id = kOtherId, .number = 1, .token = bytes_of("token")},
                          crypto_frame(0, hello)));
  REQUIRE(watch.hellos.size() == 1);
  const auto third_id = bytes_of_hex("aabbccddeeff0011");
  watch.feed(seal_initial({.destination_id = third_id}, crypto_frame(0, hello)));
  CHECK(watch.hellos.size() == 1);
  watch.feed(seal_initial({.version = kQuicV2, .destination_id = kId},
                          crypto_frame(0, client_hello({.host = "next.example"}))));
  REQUIRE(watch.hellos.size() == 2);
  CHECK(watch.hellos[1].host == "next.example");
}

TEST_CASE("what is no readable Initial is counted by reason") {
  Watch watch;
  watch.feed(bytes_of_hex("c00000000008010203040506070800"));  // version negotiation
  watch.feed(bytes_of_hex("c0ff00001d08010203040506070800000000"));
  watch.feed(bytes_of_hex("c000000001ff0102"));
  watch.feed(bytes_of_hex("40010203"));
  watch.feed(seal_initial({.destination_id = kId}, bytes_of_hex("1f00000000")));
  auto bytes = seal_initial({.destination_id = kId}, Bytes(1000));
  bytes.resize(600);
  watch.feed(bytes);
  const auto& c = watch.quic.counters();
  CHECK(c.version_negotiation == 1);
  CHECK(c.unknown_version == 1);
  CHECK(c.malformed == 2);  // the id beyond the end, the frame that an Initial must not hold
  CHECK(c.undecryptable == 1);
  CHECK(c.initials == 2);
  CHECK(watch.hellos.empty());
}

TEST_CASE("a hello that never ends is told as far as it came") {
  const auto hello = client_hello({.host = "slow.example", .padding = 3000});
  Watch watch;
  watch.feed(seal_initial({.destination_id = kId}, crypto_frame(0, ByteSpan(hello).first(900))));
  watch.quic.tick(kLater);
  REQUIRE(watch.hellos.size() == 1);
  CHECK(watch.hellos[0].host == "slow.example");
  CHECK(watch.hellos[0].cut);
  CHECK(watch.hellos[0].ja4.empty());
  CHECK(watch.quic.counters().timed_out == 1);
  CHECK(watch.quic.held_bytes() == 0);
}

TEST_CASE("a flood of connections stays in bounds and is counted") {
  Watch watch;
  const auto piece = crypto_frame(15'000, Bytes(5'000));
  const auto datagram = seal_initial({.destination_id = kId}, piece);
  for (std::uint32_t i = 0; i < 3 * limits::kQuicConnectionsMax; ++i) {
    auto one = packet(PacketKind::kQuic, datagram);
    one.cookie = i + 1;
    watch.quic.on_datagram(one);
  }
  CHECK(watch.quic.held_bytes() <= limits::kQuicBytesMax);
  CHECK(watch.quic.connections() <= limits::kQuicConnectionsMax);
  CHECK(watch.quic.counters().evicted >= 2 * limits::kQuicConnectionsMax);
  watch.quic.tick(kLater);
  CHECK(watch.quic.held_bytes() == 0);
}
