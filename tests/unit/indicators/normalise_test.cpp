// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "indicators/normalise.hpp"

#include "support/test.hpp"

using namespace tocsin;

namespace {

std::string domain_error(std::string_view text) {
  const auto result = normalise_domain(text);
  return result ? "accepted as " + *result : result.error().message;
}

}  // namespace

TEST_CASE("digests become lower-case hex and only of the right length", "[indicators]") {
  CHECK(normalise_digest<16>("D41D8CD98F00B204E9800998ECF8427E", "md5")->hex() ==
        "d41d8cd98f00b204e9800998ecf8427e");
  const auto cut = normalise_digest<20>("9d8bade2030c93d0a010aa57b90915eb7d99ec8", "sha1");
  REQUIRE_FALSE(cut);
  CHECK_THAT(cut.error().message, Catch::Contains("39 characters; sha1 has 40 hex digits"));
  const auto not_hex = normalise_digest<16>("zz1d8cd98f00b204e9800998ecf8427e", "md5");
  REQUIRE_FALSE(not_hex);
  CHECK_THAT(not_hex.error().message, Catch::Contains("not hexadecimal"));
}

TEST_CASE("addresses take one form", "[indicators]") {
  CHECK(normalise_ip("2001:DB8:0:0:0:0:0:1")->to_string() == "2001:db8::1");
  CHECK(normalise_ip("::ffff:192.0.2.1")->to_string() == "192.0.2.1");
  CHECK(normalise_ip("192[.]0[.]2[.]1")->to_string() == "192.0.2.1");
  CHECK_THAT(normalise_ip("18.12.416").error().message, Catch::Contains("not an address"));
  CHECK_THAT(normalise_ip("192.0.2.1:443").error().message, Catch::Contains("port"));
  CHECK_THAT(normalise_ip("192.0.2.0/24").error().message, Catch::Contains("cidr"));
  CHECK_FALSE(normalise_ip("192.0.2.01"));
  CHECK_FALSE(normalise_ip("256.0.2.1"));
  CHECK_FALSE(normalise_ip(std::string_view("192.0.2.1\0", 10)));
}

TEST_CASE("blocks lose their host bits and say so", "[indicators]") {
  const auto block = normalise_cidr("203.0.113.77/24");
  REQUIRE(block);
  CHECK(block->network.to_string() == "203.0.113.0/24");
  CHECK(block->host_bits_cleared);
  CHECK_FALSE(normalise_cidr("203.0.113.0/24")->host_bits_cleared);
  CHECK(normalise_cidr("::ffff:203.0.113.77/120")->network.to_string() == "203.0.113.0/24");
  CHECK(normalise_cidr("2001:db8:1:2:3::/33")->network.to_string() == "2001:db8::/33");
  CHECK_FALSE(normalise_cidr("203.0.113.0/33"));
  CHECK_FALSE(normalise_cidr("203.0.113.0/"));
  CHECK_FALSE(normalise_cidr("203.0.113.0/-1"));
  CHECK_FALSE(normalise_cidr("::ffff:203.0.113.0/95"));
  CHECK_THAT(normalise_cidr("203.0.113.0").error().message, Catch::Contains("type ip"));
}

TEST_CASE("names become A-labels in lower case without final dot", "[indicators]") {
  CHECK(*normalise_domain("JOURNALIDE.ORG.") == "journalide.org");
  CHECK(*normalise_domain("journalide[.]org") == "journalide.org");
  CHECK(*normalise_domain("journalide[dot]org") == "journalide.org");
  CHECK(*normalise_domain("bücher.example") == "xn--bcher-kva.example");
  CHECK(*normalise_domain("BÜCHER.example") == "xn--bcher-kva.example");
  CHECK(*normalise_domain("例え。テスト") == "xn--r8jz45g.xn--zckzah");
  CHECK(*normalise_domain("xn--elprincipenorteo-lub.com.ar") == "xn--elprincipenorteo-lub.com.ar");
  CHECK(*normalise_domain("_dmarc.example.com") == "_dmarc.example.com");
  CHECK(*normalise_domain("207.148.65.62.vultrusercontent.com") ==
        "207.148.65.62.vultrusercontent.com");
}

TEST_CASE("what is no name is refused with the reason", "[indicators]") {
  CHECK_THAT(domain_error(""), Catch::Contains("empty"));
  CHECK_THAT(domain_error("."), Catch::Contains("empty"));
  CHECK_THAT(domain_error("a..b"), Catch::Contains("empty label"));
  CHECK_THAT(domain_error(".a.b"), Catch::Contains("empty label"));
  CHECK_THAT(domain_error("*.evil.com"), Catch::Contains("subdomains match without it"));
  CHECK_THAT(domain_error("evil.com/path"), Catch::Contains("\"/\""));
  CHECK_THAT(domain_error("me@evil.com"), Catch::Contains("\"@\""));
  CHECK_THAT(domain_error("evil com"), Catch::Contains("\" \""));
  CHECK_THAT(domain_error("-evil.com"), Catch::Contains("hyphen"));
  CHECK_THAT(domain_error("192.0.2.1"), Catch::Contains("type ip"));
  CHECK_THAT(domain_error(std::string(64, 'a') + ".com"), Catch::Contains("64 characters"));
  std::string longest;
  for (int i = 0; i < 63; ++i) longest += "abc.";
  CHECK(normalise_domain(longest + "a"));  // 253
  CHECK_THAT(domain_error(longest + "ab"), Catch::Contains("254 characters"));
  CHECK_THAT(domain_error("a\xff.com"), Catch::Contains("not a valid international name"));
  CHECK_THAT(domain_error(std::string(5000, '\xc3')), Catch::Contains("too long"));
}

TEST_CASE("URLs keep what was asked for and lose what was not", "[indicators]") {
  CHECK(normalise_url("hxxps[://]Evil[.]COM:443/A%20b?Q=1#top")->text ==
        "https://evil.com/A%20b?Q=1");
  CHECK(normalise_url("http://user:pw@evil.com:8080/")->text == "http://evil.com:8080/");
  CHECK(normalise_url("http://evil.com")->bare_host);
  CHECK_FALSE(normalise_url("http://evil.com/x")->bare_host);
  CHECK(normalise_url("http://evil.com?x")->text == "http://evil.com/?x");
  CHECK(normalise_url("http://[2001:DB8::1]:81/x")->text == "http://[2001:db8::1]:81/x");
  CHECK(normalise_url("http://192.0.2.1/x")->address == IpAddress::parse("192.0.2.1"));
  for (const auto* bad : {"evil.com/x", "://evil.com", "http://", "http://a b/", "http://x:0/",
                          "http://x:65536/", "http://[::1/", "ht tp://evil.com/"})
    CHECK_FALSE(normalise_url(bad));
}

TEST_CASE("paths are absolute and keep their bytes", "[indicators]") {
  CHECK(*normalise_path("/tmp//.xdiag/") == "/tmp/.xdiag");
  CHECK(*normalise_path("/tmp/A b,c") == "/tmp/A b,c");
  CHECK_FALSE(normalise_path("tmp/x"));
  CHECK_FALSE(normalise_path("//"));
}

TEST_CASE("a bare value is recognised by its shape", "[indicators]") {
  CHECK(guess_type(std::string(64, 'a')) == IndicatorType::kSha256);
  CHECK(guess_type("192.0.2.1") == IndicatorType::kIp);
  CHECK(guess_type("192.0.2.0/24") == IndicatorType::kCidr);
  CHECK(guess_type("https://evil.com/x") == IndicatorType::kUrl);
  CHECK(guess_type("/tmp/x") == IndicatorType::kPath);
  CHECK(guess_type("journalide.org") == IndicatorType::kDomain);
  CHECK_FALSE(guess_type("18.12.416"));
  CHECK_FALSE(guess_type(""));
}
