// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "indicators/index.hpp"

#include <cstring>

#include "detect/indicator_match.hpp"
#include "indicators/index_hash.hpp"
#include "indicators/normalise.hpp"
#include "unit/indicators/index_fixture.hpp"

using namespace tocsin;
using test::index_of;
using test::places;
using test::values;
using Values = std::vector<std::string>;

namespace {

std::uint64_t xxh64_of(std::string_view text) {
  return xxh64(std::as_bytes(std::span(text)));
}

IpAddress ip(std::string_view text) {
  return IpAddress::parse(text).value();
}

}  // namespace

TEST_CASE("XXH64 and SipHash give the published values", "[indicators]") {
  CHECK(xxh64_of("") == 0xef46db3751d8e999ULL);
  CHECK(xxh64_of("a") == 0xd24ec4f1a98c6e5bULL);
  CHECK(xxh64_of("abc") == 0x44bc2cf5ad770999ULL);
  CHECK(xxh64_of("Nobody inspects the spammish repetition") == 0xfbcea83c8a378bf1ULL);
  // The vector of the SipHash paper: key 00..0f, message 00..0e.
  std::string message;
  for (char c = 0; c < 15; ++c) message += c;
  const NameHashKey key{0x0706050403020100ULL, 0x0f0e0d0c0b0a0908ULL};
  CHECK(SipHash<2, 4>(key)(message) == 0xa129ca6149be45e5ULL);
}

TEST_CASE("the hash of a name is that of its labels from the right", "[indicators]") {
  const NameHashKey key{1, 2};
  const auto com = chained_hash(key, 0, "com");
  const auto evil = chained_hash(key, com, "evil");
  CHECK(name_hash(key, "com") == com);
  CHECK(name_hash(key, "evil.com") == evil);
  CHECK(name_hash(key, "www.evil.com") == chained_hash(key, evil, "www"));
  CHECK(name_hash(key, "ab.c") != name_hash(key, "a.bc"));
  CHECK(name_hash(key, "evil.com") != name_hash({1, 3}, "evil.com"));
}

TEST_CASE("an empty index knows nothing and answers", "[indicators]") {
  for (const auto& index : {Index(), index_of("")}) {
    CHECK(index.find(Sha256{}, 0).empty());
    CHECK(index.find(ip("203.0.113.1"), 0).empty());
    CHECK(index.find(ip("2001:db8::1"), 0).empty());
    CHECK(index.find_domain("evil.com", 0).empty());
    CHECK(index.size() == 0);
    CHECK_FALSE(index.need_md5());
  }
}

TEST_CASE("a match says everything about where it came from", "[indicators]") {
  const auto index = index_of(
      "# set: demo\n# campaign: Demo\n# source: us\n# tlp: green\n# added: 2023-03-30\n"
      "domain,evil.com,severity=critical,confidence=33,port=443,note=why,source=them,"
      "expires=2040-01-01\n");
  const auto found = index.find_domain("www.Evil.COM.", 0);
  REQUIRE(found.size() == 1);
  const auto& m = found[0];
  CHECK(m.type == IndicatorType::kDomain);
  CHECK(m.value == "evil.com");
  CHECK(m.set == "demo");
  CHECK(m.campaign == "Demo");
  CHECK(m.source == "them");
  CHECK(m.place == "test.ioc:6");
  CHECK(m.note == "why");
  CHECK(m.tlp == "green");
  CHECK(m.severity == Severity::kCritical);
  CHECK(m.confidence == 33);
  CHECK(m.port == 443);
  CHECK(m.added_ns == parse_time("2023-03-30"));
  CHECK(m.expires_ns == parse_time("2040-01-01"));
}

TEST_CASE("names match by whole labels", "[indicators]") {
  const auto index = index_of(
      "domain,journalide.org\ndomain,officeaddons.com\ndomain,only.exact.com,match=exact\n"
      "domain,deep.a.b.c.evil.com\n");
  CHECK(values(index.find_domain("www.journalide.org", 0)) == Values{"journalide.org"});
  CHECK(values(index.find_domain("JOURNALIDE.ORG.", 0)) == Values{"journalide.org"});
  CHECK(values(index.find_domain("a.b.c.d.journalide.org", 0)) == Values{"journalide.org"});
  for (const auto* miss :
       {"notofficeaddons.com", "officeaddons.com.evil.net", "org", "journalide.orgx", "", ".", "..",
        "xjournalide.org", "www.only.exact.com", "exact.com", "a.b.c.evil.com",
        ".journalide.org.."}) {
    CAPTURE(miss);
    CHECK(index.find_domain(miss, 0).empty());
  }
  CHECK(values(index.find_domain("only.exact.com", 0)) == Values{"only.exact.com"});
  CHECK(values(index.find_domain("x.deep.a.b.c.evil.com", 0)) == Values{"deep.a.b.c.evil.com"});
  CHECK(index.find_domain(std::string(300, 'a') + ".journalide.org", 0).empty());
}

TEST_CASE("an IPv4 address matches through a translator of the well-known prefix", "[indicators]") {
  const auto index = index_of("ip,203.0.113.7\ncidr,2001:db8::/32\n");
  const auto seen = [&](std::string_view text) {
    const auto matches = match_address(index, *IpAddress::parse(text), 0);
    return matches.empty() ? "" : matches.front().matched;
  };
  CHECK(seen("203.0.113.7") == "203.0.113.7");
  CHECK(seen("::ffff:203.0.113.7") == "203.0.113.7");
  CHECK(seen("64:ff9b::203.0.113.7") == "203.0.113.7");
  CHECK(seen("64:ff9b::203.0.113.8").empty());
  CHECK(seen("64:ff9b:1::203.0.113.7").empty());  // a site's own prefix: nobody can know
  CHECK(seen("2001:db8::1") == "2001:db8::1");
}

TEST_CASE("nested blocks answer from the inside out", "[indicators]") {
  const auto index = index_of(
      "cidr,198.51.0.0/16\ncidr,198.51.100.0/24\nip,198.51.100.7\ncidr,198.51.100.7/32\n"
      "cidr,2001:db8::/32\nip,2001:db8::7\nip,::ffff:198.51.101.1\n");
  CHECK(values(index.find(ip("198.51.100.7"), 0)) ==
        Values{"198.51.100.7", "198.51.100.7/32", "198.51.100.0/24", "198.51.0.0/16"});
  CHECK(values(index.find(ip("::ffff:198.51.101.1"), 0)) ==
        Values{"198.51.101.1", "198.51.0.0/16"});
  CHECK(values(index.find(ip("198.51.255.255"), 0)) == Values{"198.51.0.0/16"});
  CHECK(index.find(ip("198.50.255.255"), 0).empty());
  CHECK(index.find(ip("198.52.0.0"), 0).empty());
  CHECK(values(index.find(ip("2001:db8::7"), 0)) == Values{"2001:db8::7", "2001:db8::/32"});
  CHECK(index.find(ip("2001:db9::7"), 0).empty());
}

TEST_CASE("what several sets hold comes once for each", "[indicators]") {
  IndexBuilder builder;
  std::vector<std::uint64_t> files;
  for (const std::string name : {"one", "two"}) {
    const auto file = builder.add_file(name + ".ioc");
    test::read_text(
        "domain,evil.com\ndomain,evil.com,severity=low\nip,203.0.113.1\nip,203.0.113.1,port=80\n",
        [&](const SetMeta& meta, const IndicatorRow& row) { return builder.add(file, meta, row); },
        0, name + ".ioc");
  }
  auto built = builder.build().value();
  CHECK(built.duplicates == std::vector<std::uint64_t>{1, 1});
  const Index index({test::open_built(std::move(built.image))});
  CHECK(places(index.find_domain("evil.com", 0)) == Values{"one:1", "two:1"});
  CHECK(places(index.find(ip("203.0.113.1"), 0)) == Values{"one:3", "one:4", "two:3", "two:4"});
  CHECK(index.size() == 2);
}

TEST_CASE("an indicator ends at its time", "[indicators]") {
  const auto index = index_of("domain,evil.com,expires=2024-06-01\n");
  const auto end = *parse_time("2024-06-01");
  CHECK(index.find_domain("evil.com", end - 1).size() == 1);
  CHECK(index.find_domain("evil.com", end).empty());
}

TEST_CASE("URLs and paths match whole; a URL's host only when it says so", "[indicators]") {
  const auto index = index_of(
      "url,http://shared.com/bad\nurl,https://evil.com/x?y=1,host-match=yes,note=n\n"
      "url,http://bare.com/\nurl,http://203.0.113.5/z,host-match=yes\npath,/tmp/.xdiag\n");
  CHECK(index.find_domain("shared.com", 0).empty());
  const auto host = index.find_domain("evil.com", 0);
  REQUIRE(host.size() == 1);
  CHECK(host[0].type == IndicatorType::kUrl);
  CHECK(host[0].value == "https://evil.com/x?y=1");
  CHECK(host[0].note == "n");
  CHECK(index.find_domain("www.evil.com", 0).empty());
  CHECK(values(index.find_domain("bare.com", 0)) == Values{"http://bare.com/"});
  CHECK(values(index.find(ip("203.0.113.5"), 0)) == Values{"http://203.0.113.5/z"});
  CHECK(values(index.find_url("http://evil.com/x?y=1", 0)) == Values{"https://evil.com/x?y=1"});
  CHECK(index.find_url("http://evil.com/x", 0).empty());
  CHECK(values(index.find_path("/tmp/.xdiag", 0)) == Values{"/tmp/.xdiag"});
  CHECK(index.find_path("/tmp", 0).empty());
  CHECK(index.counts()[static_cast<std::size_t>(IndicatorType::kUrl)] == 4);
  CHECK(index.counts()[static_cast<std::size_t>(IndicatorType::kDomain)] == 0);
  CHECK(index.counts()[static_cast<std::size_t>(IndicatorType::kIp)] == 0);
}

TEST_CASE("same rows and key give the same image", "[indicators]") {
  const auto build = [](NameHashKey key) {
    IndexBuilder builder(key);
    const auto file = builder.add_file("x");
    test::read_text(
        "domain,a.com\ndomain,b.com\nip,203.0.113.1\n",
        [&](const SetMeta& m, const IndicatorRow& r) { return builder.add(file, m, r); });
    return builder.build().value().image;
  };
  CHECK(build({1, 2}) == build({1, 2}));
  CHECK(build({1, 2}) != build({1, 3}));
}

TEST_CASE("what an image gives back is what went in", "[indicators]") {
  const std::string text =
      "# set: s\n# campaign: c\n# source: src\n# added: 2023-01-01\n"
      "sha256,cc307cfb401d1ae616445e78b610ab72e1c7fb49b298ea003dd26ea80372089a,note=n\n"
      "sha1,f6760fb1f8b019af2304ea6410001b63a1809f1d\nmd5,0123456789abcdef0123456789abcdef\n"
      "ip,203.0.113.1,port=80\ncidr,203.0.113.0/24\ncidr,203.0.113.9/32\nip,2001:db8::1\n"
      "domain,evil.com,match=exact\nurl,https://e.com/x,host-match=yes,source=else\n"
      "url,ftp://f.com/y\npath,/tmp/x,expires=2040-01-01\n";
  const auto first = test::open_built(test::compile(text));
  const auto rows_of = [](const IndexImage& image) {
    Values out;
    image.for_each([&](std::uint32_t, const SetMeta& m, const IndicatorRow& r) {
      out.push_back(m.set + "|" + m.campaign + "|" + m.source + "|" + std::to_string(r.line) + "|" +
                    std::string(to_string(r.type)) + "|" + to_hex(r.digest) + "|" +
                    r.network.to_string() + "|" + r.text + "|" + r.host + "|" + r.note + "|" +
                    std::to_string(r.port + (r.exact ? 100'000 : 0)) + "|" +
                    std::to_string(r.expires_ns.value_or(0) + r.added_ns.value_or(0)));
    });
    std::ranges::sort(out);
    return out;
  };
  const auto before = rows_of(*first);
  CHECK(before.size() == 11);
  IndexBuilder again;
  const auto file = again.add_file("test.ioc");
  first->for_each([&](std::uint32_t, const SetMeta& m, const IndicatorRow& r) {
    REQUIRE(again.add(file, m, r));
  });
  const auto second = test::open_built(again.build().value().image);
  CHECK(rows_of(*second) == before);
  CHECK(second->counts() == first->counts());
}
