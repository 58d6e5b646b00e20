// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "indicators/warninglist.hpp"

#include "base/limits.hpp"
#include "indicators/warninglists.hpp"
#include "support/temp_dir.hpp"
#include "support/test.hpp"

using namespace tocsin;
using tocsin::test::TempDir;

namespace {

std::string list(const std::string& members) {
  return R"({"name":"n","version":3,)" + members + "}";
}

Warninglists lists_of(const std::string& members) {
  Warninglists lists;
  auto parsed = parse_warninglist(list(members));
  INFO((parsed ? "" : parsed.error().message));
  REQUIRE(parsed);
  REQUIRE(lists.add(std::move(*parsed)));
  return lists;
}

bool hit(const Warninglists& lists, IndicatorType type, const std::string& value) {
  return !lists.hits(type, value).empty();
}

std::string error_of(const std::string& text) {
  const auto parsed = parse_warninglist(text);
  REQUIRE_FALSE(parsed);
  return parsed.error().message;
}

constexpr auto kDomain = IndicatorType::kDomain;
constexpr auto kIp = IndicatorType::kIp;

}  // namespace

TEST_CASE("a string list holds the whole value in any spelling", "[warninglist]") {
  const auto lists = lists_of(R"("type":"string","list":["Example.COM.","192.0.2.7",)"
                              R"("http://Host.example/Path","2001:DB8:0::1",)"
                              R"("D41D8CD98F00B204E9800998ECF8427E"])");
  CHECK(hit(lists, kDomain, "example.com"));
  CHECK_FALSE(hit(lists, kDomain, "www.example.com"));
  CHECK(hit(lists, kIp, "192.0.2.7"));
  CHECK(hit(lists, kIp, "2001:db8::1"));
  CHECK(hit(lists, IndicatorType::kUrl, "http://host.example/Path"));
  CHECK_FALSE(hit(lists, IndicatorType::kUrl, "http://host.example/path"));
  CHECK(hit(lists, IndicatorType::kMd5, "d41d8cd98f00b204e9800998ecf8427e"));
  CHECK_FALSE(hit(lists, IndicatorType::kMd5, "d41d8cd98f00b204e9800998ecf8427f"));
}

TEST_CASE("a hostname list holds names by whole labels, and hosts of URLs", "[warninglist]") {
  const auto lists = lists_of(R"("type":"hostname","matching_attributes":["domain",)"
                              R"("hostname"],"list":[".bit.ly","example.org"])");
  CHECK(hit(lists, kDomain, "bit.ly"));
  CHECK(hit(lists, kDomain, "a.b.example.org"));
  CHECK_FALSE(hit(lists, kDomain, "notexample.org"));
  CHECK_FALSE(hit(lists, kDomain, "org"));
  const auto url = lists.hits(IndicatorType::kUrl, "https://www.example.org/x");
  REQUIRE(url.size() == 1);
  CHECK(url[0].host);
  CHECK(url[0].list->version == 3);
}

TEST_CASE("a cidr list holds addresses and meets blocks", "[warninglist]") {
  const auto lists = lists_of(R"("type":"cidr","list":["10.0.0.0/8","10.1.0.0/16","192.0.2.7",)"
                              R"("2001:db8::/32","198.51.100.9/24"])");
  CHECK(hit(lists, kIp, "10.255.255.255"));
  CHECK(hit(lists, kIp, "10.0.0.0"));
  CHECK_FALSE(hit(lists, kIp, "11.0.0.0"));
  CHECK_FALSE(hit(lists, kIp, "9.255.255.255"));
  CHECK(hit(lists, kIp, "192.0.2.7"));
  CHECK_FALSE(hit(lists, kIp, "192.0.2.8"));
  CHECK(hit(lists, kIp, "198.51.100.200"));
  CHECK(hit(lists, kIp, "2001:db8:ffff::1"));
  CHECK_FALSE(hit(lists, kIp, "2001:db9::1"));
  CHECK(hit(lists, IndicatorType::kCidr, "192.0.2.0/24"));
  CHECK_FALSE(hit(lists, IndicatorType::kCidr, "203.0.113.0/24"));
  CHECK(hit(lists, IndicatorType::kUrl, "http://10.2.3.4/x"));
}

TEST_CASE("a substring list looks anywhere, in any case, and knows no pattern", "[warninglist]") {
  const auto lists = lists_of(R"("type":"substring","list":["a.b","WINDOWSupdate"])");
  CHECK(hit(lists, kDomain, "xa.bc.example"));
  CHECK_FALSE(hit(lists, kDomain, "xaxb.example"));
  CHECK(hit(lists, IndicatorType::kUrl, "http://h.example/windowsUPDATE"));
  std::string longer = "a.b";
  longer.resize(limits::kIndicatorTextBytesMax + 1, 'a');
  CHECK_FALSE(hit(lists, kDomain, longer));
}

TEST_CASE("a regex list is read with and without delimiters", "[warninglist]") {
  const auto lists = lists_of(R"("type":"regex","list":["/^evil[0-9]+\\.example$/i","plain.*end$",)"
                              R"("/(?=look)/","/q{2}/g"])");
  CHECK(hit(lists, kDomain, "evil7.example"));
  CHECK(hit(lists, kDomain, "EVIL7.example"));
  CHECK_FALSE(hit(lists, kDomain, "an-evil7.example"));
  CHECK(hit(lists, IndicatorType::kPath, "/plain/to/the/end"));
  CHECK(hit(lists, kDomain, "qq.example.net"));
  REQUIRE(lists.lists().size() == 1);
  CHECK(lists.lists()[0].skipped == 1);  // RE2 has no lookahead
}

TEST_CASE("matching_attributes say for which values a list is meant", "[warninglist]") {
  const auto lists = lists_of(
      R"("type":"string","matching_attributes":["filename|sha1","ip-dst"],"list":["192.0.2.1",)"
      R"("da39a3ee5e6b4b0d3255bfef95601890afd80709","example.com"])");
  CHECK(hit(lists, kIp, "192.0.2.1"));
  CHECK(hit(lists, IndicatorType::kSha1, "da39a3ee5e6b4b0d3255bfef95601890afd80709"));
  CHECK_FALSE(hit(lists, kDomain, "example.com"));
  const auto mails =
      lists_of(R"("type":"regex","matching_attributes":["email-src"],"list":["/.*/"])");
  CHECK_FALSE(hit(mails, kDomain, "example.com"));
}

TEST_CASE("a broken list is refused with the place", "[warninglist]") {
  CHECK(error_of("{\n  \"name\": \"x\",\n  \"list\": [1,\n}") ==
        "line 4, column 1: not valid JSON");
  CHECK(error_of("[]") == "/: an object is expected");
  CHECK(error_of(R"({"list":[]})") == "/name: a list needs a name");
  CHECK(error_of(list(R"("type":"magic","list":[])")).starts_with("/type: \"magic\" is none of"));
  CHECK(error_of(list(R"("type":"string","list":["a",7])")) == "/list/1: a text is expected");
  CHECK(error_of(list(R"("type":"string")")) == "/list: an array of texts is expected");
  CHECK(error_of(list(R"("type":"cidr","list":["x","y"])")).starts_with("/list: no entry of it"));
  CHECK(error_of(list(R"("tocsin":{"effect":"drop"},"list":[])"))
            .starts_with("/tocsin/effect: none of"));
  CHECK(error_of(R"({"name":"x","version":-1,"list":[]})") ==
        "/version: a whole number is expected");
  CHECK(error_of(std::string(5000, '[')) == "nested too deeply for a warninglist");
}

TEST_CASE("the effect is the list's own word, or the table's", "[warninglist]") {
  const auto effect = [](const std::string& name, const std::string& own) {
    const auto parsed = parse_warninglist(R"({"name":")" + name + "\"," + own + R"("list":[]})");
    REQUIRE(parsed);
    return parsed->effect;
  };
  CHECK(effect("anything", R"("tocsin":{"effect":"hold-host"},)") == ListEffect::kHoldHost);
  CHECK(effect("anything", "") == ListEffect::kAnnotate);
  CHECK(effect("List of known hashes for empty files", "") == ListEffect::kReject);
  CHECK(effect("Top 1,000 domains from Cloudflare Radar", "") == ListEffect::kPopular);
  CHECK(effect("List of known URL Shorteners domains", "") == ListEffect::kHoldHost);
}

TEST_CASE("of one name the highest version counts, and a broken file costs no other",
          "[warninglist]") {
  const TempDir dir;
  dir.write("a/one.json", R"({"name":"one","version":7,"list":["old.example"]})");
  dir.write("a/broken.json", R"({"name":"broken","list":[)");
  dir.write("a/.hidden.json", "x");
  dir.write("b/one/list.json", R"({"name":"one","version":"8","list":["new.example"]})");
  dir.write("b/late.json", R"({"name":"one","version":6,"list":["older.example"]})");
  const std::vector<std::filesystem::path> folders = {dir / "a", dir / "b", dir / "missing"};
  const auto lists = Warninglists::load(folders);
  CHECK(hit(lists, kDomain, "new.example"));
  CHECK_FALSE(hit(lists, kDomain, "old.example"));
  REQUIRE(lists.lists().size() == 1);
  REQUIRE(lists.faults().size() == 1);
  CHECK(lists.faults()[0].file == dir / "a/broken.json");
  CHECK(lists.faults()[0].reason.starts_with("line 1, column"));
}

TEST_CASE("the strictest list comes first", "[warninglist]") {
  Warninglists lists;
  for (const auto* effect : {"annotate", "reject", "popular"}) {
    auto parsed =
        parse_warninglist(R"({"name":")" + std::string(effect) + R"(","tocsin":{"effect":")" +
                          effect + R"("},"list":["example.com"]})");
    REQUIRE(parsed);
    REQUIRE(lists.add(std::move(*parsed)));
  }
  const auto hits = lists.hits(kDomain, "example.com");
  REQUIRE(hits.size() == 3);
  CHECK(hits[0].list->name == "reject");
  CHECK(hits[2].list->name == "annotate");
}

TEST_CASE("the shipped lists load whole and mean what they say", "[warninglist][shipped]") {
  const std::vector<std::filesystem::path> folder = {TOCSIN_SOURCE_DIR "/iocs/guard"};
  const auto lists = Warninglists::load(folder);
  for (const auto& fault : lists.faults()) FAIL(fault.file.string() + ": " + fault.reason);
  CHECK(lists.lists().size() == 17);
  for (const auto& info : lists.lists()) {
    INFO(info.name);
    CHECK(info.skipped == 0);
    CHECK(info.entries > 0);
  }
  const auto strictest = [&](IndicatorType type, const std::string& value) {
    const auto hits = lists.hits(type, value);
    return hits.empty() ? std::string("none") : std::string(to_string(hits[0].list->effect));
  };
  CHECK(strictest(kIp, "8.8.8.8") == "hold");
  CHECK(strictest(kDomain, "www.3cx.com") == "popular");
  CHECK(strictest(kDomain, "www.crowdstrike.com") == "reference");
  CHECK(strictest(kDomain, "raw.githubusercontent.com") == "hold-host");
  CHECK(strictest(kDomain, "github.io") == "hold-host");
  CHECK(strictest(kDomain, "someone.github.io") == "none");
  CHECK(strictest(IndicatorType::kMd5, "d41d8cd98f00b204e9800998ecf8427e") == "reject");
  CHECK(strictest(IndicatorType::kMd5, "44d88612fea8a8f36de82e1278abb02f") == "hold");
  CHECK(strictest(kDomain, "ocsp.digicert.com") == "hold");
  CHECK(strictest(kIp, "148.81.111.111") == "annotate");
  CHECK(strictest(kDomain, "officeaddons.com") == "none");
}

TEST_CASE("the shipped lists are part of the program, and a newer one replaces its like",
          "[warninglist][shipped]") {
  const TempDir dir;
  const auto shipped = Warninglists::of_host(dir.path());
  for (const auto& fault : shipped.faults()) FAIL(fault.file.string() + ": " + fault.reason);
  CHECK(shipped.lists().size() >= 14);
  CHECK(hit(shipped, kDomain, "www.crowdstrike.com"));
  dir.write("guard/newer.json", R"({"name":"tocsin security publishers","version":99,)"
                                R"("type":"hostname","list":["publisher.example"]})");
  const auto updated = Warninglists::of_host(dir.path());
  CHECK(updated.lists().size() == shipped.lists().size());
  CHECK(hit(updated, kDomain, "publisher.example"));
}
