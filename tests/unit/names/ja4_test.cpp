// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "names/ja4.hpp"

#include "support/test.hpp"

using namespace tocsin;

namespace {

// The worked example of the published description (FoxIO, technical_details/JA4.md).
ClientHello published() {
  ClientHello hello;
  hello.legacy_version = 0x0303;
  hello.has_server_name = true;
  hello.ciphers = {0x2a2a, 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030,
                   0xcca9, 0xcca8, 0xc013, 0xc014, 0x009c, 0x009d, 0x002f, 0x0035};
  hello.extensions = {0x1a1a, 0x001b, 0x0000, 0x0033, 0x0010, 0x4469, 0x0017, 0x002d, 0x000d,
                      0x0005, 0x0023, 0x0012, 0x002b, 0xff01, 0x000b, 0x000a, 0x0015, 0xfafa};
  hello.supported_versions = {0x9a9a, 0x0304, 0x0303};
  hello.signature_algorithms = {0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601};
  hello.alpn = {"h2", "http/1.1"};
  return hello;
}

std::string alpn_part(const std::string& protocol) {
  auto hello = published();
  hello.alpn = {protocol};
  return ja4(hello, HelloTransport::kTcp).substr(8, 2);
}

}  // namespace

TEST_CASE("the published example has its published fingerprint") {
  CHECK(ja4(published(), HelloTransport::kTcp) == "t13d1516h2_8daaf6152771_e5627efa2ab1");
  CHECK(ja4(published(), HelloTransport::kQuic) == "q13d1516h2_8daaf6152771_e5627efa2ab1");
}

TEST_CASE("protocols that are no text are shown by their hex digits, as published") {
  CHECK(alpn_part("http/1.1") == "h1");
  CHECK(alpn_part("") == "00");
  CHECK(alpn_part("x") == "xx");
  CHECK(alpn_part("\xab") == "ab");
  CHECK(alpn_part(" ") == "20");
  CHECK(alpn_part("\xab\xcd") == "ad");
  CHECK(alpn_part(" a") == "21");
  CHECK(alpn_part("0\xab") == "3b");
  CHECK(alpn_part("a ") == "60");
  CHECK(alpn_part("01\xab\xcd") == "3d");
  CHECK(alpn_part("0\xab\xcd"
                  "1") == "01");
}

TEST_CASE("missing parts have their own marks") {
  ClientHello bare;
  bare.legacy_version = 0x0301;
  CHECK(ja4(bare, HelloTransport::kTcp) == "t10i000000_000000000000_000000000000");
  // Without signature algorithms the list has no underscore: SHA-256 of "0017".
  bare.extensions = {0x0017};
  bare.legacy_version = 0x0999;
  CHECK(ja4(bare, HelloTransport::kTcp).starts_with("t00i000100_000000000000_"));
  bare.ciphers.assign(150, 0x1301);
  CHECK(ja4(bare, HelloTransport::kTcp).starts_with("t00i990100_"));
}
