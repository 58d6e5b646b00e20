// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "names/client_hello.hpp"

#include "base/limits.hpp"
#include "support/name_packets.hpp"
#include "support/test.hpp"

using namespace tocsin;
using namespace tocsin::test;

TEST_CASE("a ClientHello gives name, protocols and versions") {
  const auto out = parse_client_hello(tls_records(client_hello({})));
  REQUIRE(out.state == ParseState::kFound);
  CHECK(out.hello.host == "www.example.com");
  CHECK(out.hello.alpn == std::vector<std::string>{"h2", "http/1.1"});
  CHECK(out.hello.supported_versions == std::vector<std::uint16_t>{0x0304, 0x0303});
  CHECK(out.hello.ciphers == std::vector<std::uint16_t>{0x1301, 0xc02f});
  CHECK(out.hello.signature_algorithms == std::vector<std::uint16_t>{0x0403, 0x0804});
  CHECK_FALSE(out.hello.encrypted_name);
  CHECK_FALSE(out.cut);
}

TEST_CASE("every prefix asks for more, wherever the records are split") {
  const auto handshake = client_hello({.padding = 1500});
  for (const std::size_t record : {1uz, 3uz, 100uz, 16'384uz}) {
    const auto stream = tls_records(handshake, record);
    for (std::size_t size = 0; size < stream.size(); size += 1 + size / 64) {
      const auto part = parse_client_hello(ByteSpan(stream).first(size));
      CHECK(part.state == ParseState::kNeedMore);
    }
    const auto whole = parse_client_hello(stream);
    CHECK(whole.state == ParseState::kFound);
    CHECK(whole.hello.host == "www.example.com");
  }
}

TEST_CASE("what stands before the end of a part is known") {
  const auto stream = tls_records(client_hello({.padding = 1500}));
  const auto part = parse_client_hello(ByteSpan(stream).first(200));
  CHECK(part.state == ParseState::kNeedMore);
  CHECK(part.hello.host == "www.example.com");
}

TEST_CASE("bytes behind the hello do not matter") {
  auto stream = tls_records(client_hello({}));
  stream.push_back(std::byte{0x17});
  CHECK(parse_client_hello(stream).state == ParseState::kFound);
}

TEST_CASE("no name, an outer name, a folded name") {
  const auto none = parse_client_hello(tls_records(client_hello({.host = ""})));
  CHECK(none.state == ParseState::kFound);
  CHECK(none.hello.host.empty());
  CHECK_FALSE(none.hello.has_server_name);
  const auto outer =
      parse_client_hello(tls_records(client_hello({.host = "public.example", .ech = true})));
  CHECK(outer.hello.encrypted_name);
  CHECK(outer.hello.host == "public.example");
  const auto folded = parse_client_hello(tls_records(client_hello({.host = "WWW.Example.ORG."})));
  CHECK(folded.hello.host == "www.example.org");
  const auto odd = parse_client_hello(tls_records(client_hello({.host = "a\nb.example"})));
  CHECK(odd.hello.host == "a\\010b.example");
  const auto too_long =
      parse_client_hello(tls_records(client_hello({.host = std::string(300, 'a')})));
  CHECK(too_long.state == ParseState::kFound);
  CHECK(too_long.hello.host.empty());
}

TEST_CASE("other protocols are told at their first bytes") {
  for (const char* text : {"GET / HTTP/1.1\r\n", "SSH-2.0-OpenSSH", "\x17\x03\x03", "\x16\x02",
                           "\x16\x03\x01\xff\xff", "\x16\x03\x01\x00\x10\x02"}) {
    INFO(text);
    CHECK(parse_client_hello(ByteSpan(std::as_bytes(std::span(text, 8)))).state !=
          ParseState::kFound);
  }
  CHECK(parse_client_hello(bytes_of("SSH-2.0")).state == ParseState::kOther);
  CHECK(parse_client_hello(bytes_of_hex("16030100040200")).state == ParseState::kOther);
  CHECK(parse_client_hello({}).state == ParseState::kNeedMore);
}

TEST_CASE("lengths that contradict each other are faults") {
  const auto good = client_hello({});
  // Each byte in turn made large: nothing is read beyond the message, whatever comes out.
  for (std::size_t i = 0; i < good.size(); ++i) {
    auto bad = good;
    bad[i] = std::byte{0xff};
    const auto out = parse_client_hello_message(bad);
    CHECK(out.hello.host.size() <= 4 * 255);
  }
  auto extensions = good;
  extensions.pop_back();
  extensions[3] = static_cast<std::byte>(std::to_integer<int>(extensions[3]) - 1);
  CHECK(parse_client_hello_message(extensions).state == ParseState::kMalformed);
}

TEST_CASE("an extension must not come twice") {
  ByteWriter body;
  body.u16(0x0303).fill(32).u8(0).u16(2).u16(0x1301).u8(1).u8(0);
  body.u16(8).u16(23).u16(0).u16(23).u16(0);
  const auto message = ByteWriter().u8(1).u24(body.size()).raw(body.bytes()).bytes();
  CHECK(parse_client_hello_message(message).state == ParseState::kMalformed);
}

TEST_CASE("a hello beyond the limit is used as far as it is held") {
  const auto handshake = client_hello({.padding = 40'000});
  const auto out =
      parse_client_hello_message(ByteSpan(handshake).first(limits::kClientHelloBytesMax));
  CHECK(out.state == ParseState::kFound);
  CHECK(out.cut);
  CHECK(out.hello.host == "www.example.com");
}
