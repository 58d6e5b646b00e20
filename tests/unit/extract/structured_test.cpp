// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// Tables, lists and structured documents.
#include "extract_fixture.hpp"
#include "support/test.hpp"

using namespace tocsin;
using namespace tocsin::test;

namespace {

std::string stix(std::string_view pattern, std::string_view more = {}) {
  return R"({"type":"bundle","id":"bundle--1","objects":[{"type":"indicator","id":"indicator--1",)"
         R"("modified":"2024-01-01T00:00:00Z","pattern_type":"stix","pattern":")" +
         std::string(pattern) + "\"" + std::string(more) + "}]}";
}

std::string misp(std::string_view type, std::string_view value, std::string_view more) {
  return R"({"Event":{"info":"x","Attribute":[{"category":"Network activity","type":")" +
         std::string(type) + R"(","value":")" + std::string(value) + "\"" + std::string(more) +
         "}]}}";
}

std::string openioc(std::string_view indicator) {
  return R"(<?xml version="1.0"?><ioc xmlns="http://schemas.mandiant.com/2010/ioc"><definition>)" +
         std::string(indicator) + "</definition></ioc>";
}
std::string item(std::string_view search, std::string_view value,
                 std::string_view condition = "is") {
  return "<IndicatorItem condition=\"" + std::string(condition) + "\"><Context search=\"" +
         std::string(search) + "\"/><Content>" + std::string(value) + "</Content></IndicatorItem>";
}

}  // namespace

TEST_CASE("tables by the names of their columns", "[extract]") {
  CHECK(taken("value,entity_type,description\n\"" + kSha256 + "," + kSha1 + "," + kMd5 +
              "\",file,loader\nevil-name.com,hostname,C2\nperson@evil-name.net,email,registrant\n"
              "getip.name,hostname,public ip lookup\n") ==
        Lines{"domain,evil-name.com", "domain,getip.name,review", "md5," + kMd5, "sha1," + kSha1,
              "sha256," + kSha256});
  CHECK(taken("\xef\xbb\xbfIndicator;Data;Note\r\nURL;evil-name[.]com;\r\nDescription;"
              "https://vendor-name.com/blog/a;\r\nsha256;" +
              kSha256 + ";clean\r\n") ==
        Lines{"domain,evil-name.com", "sha256," + kSha256 + ",review"});
  CHECK(taken("type,indicator,classification\ndomain,good-name.com,legitimate\n"
              "domain,other-name.com,legitimate\n") ==
        Lines{"domain,good-name.com,review", "domain,other-name.com,review"});
  CHECK(taken("sha256,sha1,md5,file name,imphash\n" + kSha256 + "," + kSha1 + "," + kMd5 +
              ",a.exe," + kMd5.substr(1) + "0\n") ==
        Lines{"md5," + kMd5, "sha1," + kSha1, "sha256," + kSha256});
  CHECK(taken("value,type,to_ids\n192.0.2.1,ip-dst,1\n192.0.2.2,ip-dst,0\n") ==
        Lines{"ip,192.0.2.1", "ip,192.0.2.2,review"});
}

TEST_CASE("a header within a comment, blanks before quotes, nulls", "[extract]") {
  const auto feed =
      "# generated\n# \"first_seen_utc\",\"ioc_id\",\"ioc_value\",\"ioc_type\",\"reference\","
      "\"confidence_level\",\"is_compromised\"\n"
      "\"2025-01-01 00:00:00\", \"1\", \"192.0.2.7:443\", \"ip:port\", \"https://ref-name.com/a\", "
      "\"100\", \"False\"\n"
      "\"2025-01-01 00:00:00\", \"2\", \"evil-name.com\", \"domain\", \"None\", \"100\", \"True\"\n"
      "\"2025-01-01 00:00:00\", \"3\", \"" +
      kMd5 + "\", \"md5_hash\", \"n/a\", \"10\", \"False\"\n";
  CHECK(taken(feed) ==
        Lines{"domain,evil-name.com,review", "ip,192.0.2.7", "md5," + kMd5 + ",review"});
  CHECK(reasons("sha256_hash,imphash,file_name\n" + kSha256 + "," + kMd5 + ",a.exe\n", kMd5) ==
        "not-matchable");
}

TEST_CASE("one broken row is refused with its place and the rest is read", "[extract]") {
  const auto extraction =
      extracted("indicator,type\nevil-name.com,domain\n\"192.0.2.1,ip\nother-name.com,domain\n");
  REQUIRE(extraction);
  CHECK(taken(*extraction) == Lines{"domain,evil-name.com", "domain,other-name.com"});
  REQUIRE(extraction->facts.faults.size() == 1);
  CHECK(extraction->facts.faults[0].place.line == 3);
}

TEST_CASE("a ranking of popular names is no list of indicators", "[extract]") {
  CHECK(taken("1,first-name.com\n2,second-name.com\n") ==
        Lines{"domain,first-name.com,review", "domain,second-name.com,review"});
}

TEST_CASE("lists of resolvers and filters", "[extract]") {
  CHECK(taken("127.0.0.1 localhost\n0.0.0.0 evil-name.com # x\n0.0.0.0 b.other-name.net\n") ==
        Lines{"domain,b.other-name.net", "domain,evil-name.com"});
  CHECK(taken("address=/evil-name.com/0.0.0.0\nserver=/other-name.net/\n") ==
        Lines{"domain,evil-name.com", "domain,other-name.net"});
  CHECK(taken("[Adblock Plus]\n||evil-name.com^\n@@||good-name.com^\n") ==
        Lines{"domain,evil-name.com"});
  CHECK(taken("$TTL 60\n@ IN SOA a. b. ( 1 2 3 4 5 )\nevil-name.com CNAME .\n*.evil-name.com CNAME "
              ".\ngood-name.com CNAME rpz-passthru.\n32.9.2.0.192.rpz-ip CNAME .\n"
              "24.0.51.100.198.rpz-client-ip CNAME .\n") ==
        Lines{"domain,evil-name.com", "ip,192.0.2.9"});
}

TEST_CASE("Zeek intel and Suricata datasets", "[extract]") {
  CHECK(taken("#fields\tindicator\tindicator_type\tmeta.source\nevil-name.com\tIntel::DOMAIN\tx\n"
              "a@evil-name.net\tIntel::EMAIL\tx\n192.0.2.0/24\tIntel::SUBNET\tx\n"
              "evil-name.com/a\tIntel::URL\tx\n") ==
        Lines{"cidr,192.0.2.0/24", "domain,evil-name.com", "url,http://evil-name.com/a"});
  CHECK(taken("ZXZpbC1uYW1lLmNvbQ==\nb3RoZXItbmFtZS5uZXQ=,5\n") ==
        Lines{"domain,evil-name.com", "domain,other-name.net"});
}

TEST_CASE("STIX patterns mean what they say", "[extract]") {
  CHECK(taken(stix("[domain-name:value = 'evil-name.com']")) == Lines{"domain,evil-name.com"});
  CHECK(taken(stix("[file:hashes.'SHA-256' = '" + kSha256 + "' OR file:hashes.MD5 = '" + kMd5 +
                   "']")) == Lines{"md5," + kMd5, "sha256," + kSha256});
  CHECK(taken(stix("[network-traffic:dst_ref.type = 'ipv4-addr' AND network-traffic:dst_ref.value "
                   "= '192.0.2.1']")) == Lines{"ip,192.0.2.1"});
  CHECK(taken(stix("[file:hashes.MD5 = '" + kMd5 + "' AND file:name = 'a.exe']")) ==
        Lines{"md5," + kMd5 + ",review"});
  CHECK(taken(stix("[domain-name:value != 'evil-name.com']")) ==
        Lines{"domain,evil-name.com,review"});
  CHECK(taken(stix("[ipv4-addr:value ISSUBSET '192.0.2.0/24']")) == Lines{"cidr,192.0.2.0/24"});
  CHECK(taken(stix("[domain-name:value = 'a-name.com'] FOLLOWEDBY [domain-name:value = "
                   "'b-name.com']")) ==
        Lines{"domain,a-name.com,review", "domain,b-name.com,review"});
  const auto broken = extracted(stix("[domain-name:value = "));
  REQUIRE(broken);
  CHECK(broken->facts.faults_total == 1);
  CHECK(broken->facts.faults[0].place.pointer == "/objects/0/pattern");
}

TEST_CASE("STIX facts decide", "[extract]") {
  const std::string pattern = "[domain-name:value = 'evil-name.com']";
  CHECK(taken(stix(pattern, R"(,"revoked":true)")).empty());
  CHECK(taken(stix(pattern, R"(,"valid_until":"2020-01-01T00:00:00Z")")) ==
        Lines{"domain,evil-name.com,review"});
  CHECK(taken(stix(pattern, R"(,"indicator_types":["benign"])")) ==
        Lines{"domain,evil-name.com,review"});
  CHECK(taken(stix(pattern, R"(,"labels":["misp:to_ids=\"False\""])")) ==
        Lines{"domain,evil-name.com,review"});
  // The newest version of an indicator counts, wherever it stands.
  const std::string old =
      R"({"type":"indicator","id":"indicator--1","modified":"2023-01-01T00:00:00Z","pattern":")" +
      std::string("[domain-name:value = 'old-name.com']") + "\"}";
  auto bundle = stix(pattern);
  bundle.insert(bundle.rfind(']'), "," + old);
  CHECK(taken(bundle) == Lines{"domain,evil-name.com"});
}

TEST_CASE("MISP attributes by type and flag", "[extract]") {
  CHECK(taken(misp("domain|ip", "evil-name.com|192.0.2.1", R"(,"to_ids":true)")) ==
        Lines{"domain,evil-name.com", "ip,192.0.2.1"});
  CHECK(taken(misp("filename|sha1", "a.exe|" + kSha1, R"(,"to_ids":true)")) ==
        Lines{"sha1," + kSha1});
  CHECK(taken(misp("ip-dst|port", "192.0.2.1|443", R"(,"to_ids":false)")) ==
        Lines{"ip,192.0.2.1,review"});
  CHECK(taken(misp("link", "https://vendor-name.com/a", R"(,"to_ids":true)")).empty());
  CHECK(taken(misp("imphash", kMd5, R"(,"to_ids":true)")).empty());
  CHECK(taken(misp("domain", "evil-name.com", R"(,"to_ids":true,"deleted":true)")).empty());
  CHECK(extracted(R"({"name":"x","version":1,"type":"string","matching_attributes":["domain"],)"
                  R"("list":["good-name.com"]})")
            .error()
            .message.find("warninglist") != std::string::npos);
}

TEST_CASE("OTX, ECS and plain records", "[extract]") {
  CHECK(taken(R"({"pulse":1,"indicators":[{"indicator":")" + kSha256 +
              R"(","type":"FileHash-SHA256","is_active":1},{"indicator":"evil-name.com",)"
              R"("type":"hostname","is_active":0}],"references":["https://vendor-name.com"]})") ==
        Lines{"domain,evil-name.com,review", "sha256," + kSha256});
  CHECK(taken("{\"threat\":{\"indicator\":{\"ip\":\"192.0.2.3\"}}}\n{\"threat\":{\"indicator\":"
              "{\"file\":{\"hash\":{\"md5\":\"" +
              kMd5 + "\"}}}}}\n") == Lines{"ip,192.0.2.3", "md5," + kMd5});
  CHECK(taken(R"({"iocs":{"domains":["evil-name.com"],"sha1":[")" + kSha1 + R"("]}})") ==
        Lines{"domain,evil-name.com", "sha1," + kSha1});
}

TEST_CASE("OpenIOC: AND is never taken apart", "[extract]") {
  const auto digest = item("FileItem/Md5sum", kMd5), name = item("FileItem/FileName", "a.exe");
  const auto host = item("Network/DNS", "evil-name.com");
  CHECK(taken(openioc("<Indicator operator=\"OR\">" + digest + host + "</Indicator>")) ==
        Lines{"domain,evil-name.com", "md5," + kMd5});
  CHECK(taken(openioc("<Indicator operator=\"OR\"><Indicator operator=\"AND\">" + digest + name +
                      "</Indicator></Indicator>")) == Lines{"md5," + kMd5 + ",review"});
  CHECK(taken(openioc("<Indicator operator=\"OR\">" +
                      item("Network/DNS", "evil-name.com", "contains") + "</Indicator>")) ==
        Lines{"domain,evil-name.com,review"});
}

TEST_CASE("broken structured documents give nothing", "[extract]") {
  const auto whole = stix("[domain-name:value = 'evil-name.com']");
  CHECK(extracted(std::string_view(whole).substr(0, whole.size() - 2))
            .error()
            .message.starts_with("line 1, column"));
  CHECK_FALSE(extracted(openioc("<Indicator operator=\"OR\">")));
  CHECK_FALSE(extracted(std::string(200, '[') + "{\"a\":1}"));
  CHECK_FALSE(extracted("<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY b \"c\">]><ioc>&b;</ioc>"));
}

TEST_CASE("HTML shows what a reader sees", "[extract]") {
  const auto page =
      "<!DOCTYPE html><html><head><title>T</title><script>var a='evil-x.com'</script></head><body>"
      "<nav>www.vendor-name.com</nav><h2>Indicators</h2><table><tr><th>Value</th><th>Note</th></tr>"
      "<tr><td>evil&#45;name[.]com</td><td>C2</td></tr><tr><td>" +
      kSha256.substr(0, 40) + "<wbr>" + kSha256.substr(40) +
      "</td><td>loader</td></tr></table><p>See <a "
      "href=\"https://vendor-name.com/a\">our blog</a>.</p></body></html>";
  CHECK(taken(page) == Lines{"domain,evil-name.com", "sha256," + kSha256});
}

TEST_CASE("the own set format", "[extract]") {
  CHECK(taken("# set: a\n# severity: high\ndomain,evil-name.com\nip,192.0.2.1,review\n") ==
        Lines{"domain,evil-name.com", "ip,192.0.2.1,review"});
}
