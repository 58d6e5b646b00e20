// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// The hellos that the canary sends, read back by what reads real clients.
#include "names/make_hello.hpp"

#include "names/client_hello.hpp"
#include "names/quic_initial.hpp"
#include "support/name_packets.hpp"
#include "support/test.hpp"

using namespace tocsin;
using namespace tocsin::test;

TEST_CASE("a made TLS hello says its host", "[names]") {
  const auto hello = make_tls_hello("0123456789abcdef.tls.alarm.tocsin.test");
  const auto parsed = parse_client_hello(hello);
  REQUIRE(parsed.state == ParseState::kFound);
  CHECK(parsed.hello.host == "0123456789abcdef.tls.alarm.tocsin.test");
  CHECK(parsed.hello.supported_versions == std::vector<std::uint16_t>{0x0304});
  CHECK_FALSE(parsed.cut);
  CHECK_FALSE(parsed.hello.encrypted_name);
}

TEST_CASE("a made QUIC hello says its host", "[names]") {
  const auto datagram = make_quic_hello("x.quic.alarm.tocsin.test", "0123456789abcdef");
  REQUIRE(datagram);
  CHECK(datagram->size() == 1200);
  std::vector<HelloEvent> heard;
  QuicInitials quic(QuicCrypto::create().value(),
                    [&](HelloEvent event) { heard.push_back(std::move(event)); });
  quic.on_datagram(packet(PacketKind::kQuic, *datagram));
  REQUIRE(heard.size() == 1);
  CHECK(heard[0].host == "x.quic.alarm.tocsin.test");
  CHECK(quic.counters().malformed == 0);
  // A connection id that is no key is refused, not sent.
  CHECK_FALSE(make_quic_hello("x.test", "short"));
}
