// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "names/dns_message.hpp"

#include "base/limits.hpp"
#include "names/dns_codes.hpp"
#include "support/name_packets.hpp"
#include "support/test.hpp"

using namespace tocsin;
using namespace tocsin::test;

namespace {

DnsMessage parsed(ByteSpan bytes) {
  auto out = parse_dns_message(bytes);
  REQUIRE(out);
  return *out;
}

DnsFault fault(ByteSpan bytes) {
  const auto out = parse_dns_message(bytes);
  REQUIRE_FALSE(out);
  return out.error();
}

Bytes with_question(std::span<const std::byte> name) {
  return ByteWriter().u16(1).u16(0).u16(1).u16(0).u16(0).u16(0).raw(name).u16(1).u16(1).bytes();
}

}  // namespace

TEST_CASE("a question is read with its name folded") {
  const auto m = parsed(DnsBuilder("WWW.Example.COM", 28, false).bytes());
  CHECK(m.qname == "www.example.com");
  CHECK(m.qtype == dns::kTypeAaaa);
  CHECK(m.id == 0x1234);
  CHECK_FALSE(m.response);
  CHECK_FALSE(m.cut);
  CHECK(m.answers.empty());
}

TEST_CASE("an answer's chain, addresses and times are read") {
  const auto m = parsed(DnsBuilder("a.example")
                            .answer(5, dns_name("B.cdn.example"), 60)
                            .answer_of(dns_name("b.cdn.example"), 1, bytes_of_hex("c0000207"))
                            .answer(28, bytes_of_hex("20010db8000000000000000000000001"))
                            .answer(39, dns_name("other.example"))
                            .answer(16,
                                    bytes_of("\x03"
                                             "txt"),
                                    0x8000'0000)
                            .bytes());
  REQUIRE(m.answers.size() == 5);
  CHECK(m.answers[0].type == "CNAME");
  CHECK(m.answers[0].data == "b.cdn.example");
  CHECK(m.answers[0].owner == "a.example");
  CHECK(m.answers[0].ttl_s == 60);
  CHECK(m.answers[1].owner == "b.cdn.example");
  CHECK(m.answers[1].data == "192.0.2.7");
  CHECK(m.answers[2].data == "2001:db8::1");
  CHECK(m.answers[3].type == "DNAME");
  CHECK(m.answers[4].type == "TXT");
  CHECK(m.answers[4].data.empty());
  CHECK(m.answers[4].ttl_s == 0);  // the top bit set means zero
  CHECK_FALSE(m.malformed);
}

TEST_CASE("HTTPS records give target, protocols and address hints") {
  ByteWriter data;
  data.u16(1).raw(dns_name("svc.example"));
  data.u16(1).u16(12).u8(2).text("h3").u8(8).text("http/1.1");
  data.u16(3).u16(2).u16(8443);
  data.u16(4).u16(8).raw(bytes_of_hex("c0000201c0000202"));
  data.u16(5).u16(3).text("ech");
  data.u16(6).u16(16).raw(bytes_of_hex("20010db8000000000000000000000002"));
  const auto m = parsed(DnsBuilder("x.example", 65).answer(65, data.bytes()).bytes());
  REQUIRE(m.answers.size() == 1);
  CHECK(m.answers[0].type == "HTTPS");
  CHECK(
      m.answers[0].data ==
      "1 svc.example alpn=h3,http/1.1 port=8443 ipv4hint=192.0.2.1,192.0.2.2 ipv6hint=2001:db8::2");
  REQUIRE(m.answers[0].hints.size() == 3);
  CHECK(m.answers[0].hints[2].to_string() == "2001:db8::2");

  ByteWriter odd;
  odd.u16(1).u8(0).u16(4).u16(3).u24(0);  // hints of three bytes
  const auto damaged = parsed(DnsBuilder("x.example", 65).answer(65, odd.bytes()).bytes());
  CHECK(damaged.malformed);
  CHECK(damaged.qname == "x.example");
}

TEST_CASE("response codes count their extended bits, TC is told") {
  const auto m = parsed(DnsBuilder("x").flags(0x0203).opt(1232, 1).bytes());
  CHECK(m.rcode == 19);
  CHECK(dns::rcode_name(3) == "NXDOMAIN");
  CHECK(dns::rcode_name(4000) == "RCODE4000");
  CHECK(dns::type_name(4321) == "TYPE4321");
  CHECK(m.truncated);
  CHECK(m.edns_payload == 1232);
}

TEST_CASE("odd bytes in names cannot pose as dots or lines") {
  ByteWriter name;
  name.u8(7).text("a.b\\c\n\xff").u8(3).text("Com").u8(0);
  CHECK(parsed(with_question(name.bytes())).qname == "a\\046b\\092c\\010\\255.com");
  CHECK(parsed(with_question(dns_name(""))).qname == ".");
}

TEST_CASE("names of 255 bytes are read, longer ones and reserved labels are not") {
  ByteWriter longest;
  for (int i = 0; i < 3; ++i) longest.u8(63).fill(63, 'a');
  auto over = longest;
  longest.u8(61).fill(61, 'b').u8(0);
  CHECK(longest.size() == 255);
  CHECK(parsed(with_question(longest.bytes())).qname.size() == 253);
  over.u8(62).fill(62, 'b').u8(0);
  CHECK(fault(with_question(over.bytes())) == DnsFault::kBadName);
  CHECK(fault(with_question(ByteWriter().u8(0x41).fill(80).bytes())) == DnsFault::kBadName);
}

TEST_CASE("pointers go backwards only") {
  // To itself, forwards, and in a ring of two.
  CHECK(fault(with_question(bytes_of_hex("c00c"))) == DnsFault::kBadName);
  CHECK(fault(with_question(bytes_of_hex("c010"))) == DnsFault::kBadName);
  CHECK(fault(with_question(bytes_of_hex("0161c00c"))) == DnsFault::kBadName);
  // Long chains of pointers cost no more than the name is long.
  ByteWriter chain;
  chain.u16(1).u16(0x8180).u16(1).u16(1).u16(0).u16(0).raw(dns_name("x")).u16(16).u16(1);
  chain.u16(0xc00c).u16(16).u16(1).u32(1).u16(2 * 2000);
  const auto start = chain.size();
  chain.u16(0xc00c);
  for (std::size_t i = 1; i < 2000; ++i) chain.u16(0xc000 | (start + 2 * (i - 1)));
  auto bytes = chain.bytes();
  bytes[7] = std::byte{2};  // a second answer, owned by the chain's end
  ByteWriter more;
  more.raw(bytes).u16(0xc000 | (start + 2 * 1999)).u16(1).u16(1).u32(1).u16(4).u32(0);
  const auto m = parsed(more.bytes());
  CHECK(m.answers.size() == 1);
  CHECK(m.malformed);
}

TEST_CASE("what was captured of a longer message is used and flagged") {
  const auto whole = DnsBuilder("long.example")
                         .answer(1, bytes_of_hex("c0000201"))
                         .answer(1, bytes_of_hex("c0000202"))
                         .bytes();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto part = parse_dns_message(ByteSpan(whole).first(size), whole.size());
    if (size < 12 + 14 + 4) {
      REQUIRE_FALSE(part);
      CHECK(part.error() == DnsFault::kShort);
      continue;
    }
    REQUIRE(part);
    CHECK(part->qname == "long.example");
    CHECK(part->cut);
    CHECK_FALSE(part->malformed);
    CHECK(part->answers.size() == (size >= whole.size() - 16 ? 1 : 0));
  }
  // The same bytes as a whole message contradict themselves.
  CHECK(parsed(ByteSpan(whole).first(whole.size() - 1)).malformed);
}

TEST_CASE("the number of records is bounded") {
  DnsBuilder many("many.example");
  for (int i = 0; i < 200; ++i) many.answer(1, bytes_of_hex("c0000201"));
  const auto m = parsed(many.bytes());
  CHECK(m.answers.size() == limits::kDnsAnswersMax);
  CHECK(m.cut);
  CHECK_FALSE(m.malformed);
}

TEST_CASE("messages that are no questions are told apart") {
  auto update = DnsBuilder("x", 1, false).flags(5 << 11).bytes();
  CHECK(fault(update) == DnsFault::kNotQuery);
  CHECK(fault(ByteWriter().u16(1).u16(0x8005).fill(8).bytes()) == DnsFault::kNoQuestion);
  CHECK(fault(bytes_of("short")) == DnsFault::kShort);
  CHECK(fault({}) == DnsFault::kShort);
}

TEST_CASE("of several questions the first counts") {
  auto two = ByteWriter().u16(1).u16(0x8180).u16(2).u16(1).u16(0).u16(0);
  two.raw(dns_name("one.example")).u16(1).u16(1).raw(dns_name("two.example")).u16(28).u16(1);
  two.u16(0xc00c).u16(1).u16(1).u32(5).u16(4).raw(bytes_of_hex("c0000201"));
  const auto m = parsed(two.bytes());
  CHECK(m.questions == 2);
  CHECK(m.qname == "one.example");
  CHECK(m.answers.size() == 1);
}

TEST_CASE("64 KiB messages are read in bounds") {
  ByteWriter huge;
  huge.raw(DnsBuilder("huge.example").answer(16, Bytes(60'000)).bytes());
  auto bytes = huge.bytes();
  bytes.resize(65'535);
  bytes[7] = std::byte{0xff};  // 65,281 and more answers promised
  bytes[6] = std::byte{0xff};
  const auto m = parsed(bytes);
  CHECK(m.answers.size() == limits::kDnsAnswersMax);
}
