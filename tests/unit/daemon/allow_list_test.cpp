// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/allow_list.hpp"

#include "base/sha256_of.hpp"
#include "daemon/config.hpp"
#include "support/test.hpp"

using namespace tocsin;

namespace {

const Sha256 kContent = sha256_of("agent");
const Sha256 kOther = sha256_of("other");
constexpr WallNs kNow = 1'800'000'000 * kNsPerSecond;  // January 2027

std::string by_content(const std::string& rest) {
  return "sha256:" + kContent.hex() + " " + rest;
}

std::string error_of(const std::string& text) {
  const auto entry = AllowEntry::parse(text);
  return entry ? "" : entry.error().message;
}

}  // namespace

TEST_CASE("an allow entry says which content, until when and why", "[allow]") {
  const auto entry =
      AllowEntry::parse(by_content("expires=2027-03-31 comment=backup agent, ticket 4711"));
  REQUIRE(entry);
  CHECK(entry->sha256 == kContent);
  CHECK(entry->package.empty());
  CHECK(entry->comment == "backup agent, ticket 4711");
  CHECK(entry->expires_ns == 1'806'451'200 * kNsPerSecond);
  const auto package = AllowEntry::parse("package:zabbix-agent expires=2027-03-31 comment=x");
  REQUIRE(package);
  CHECK(package->package == "zabbix-agent");
  CHECK_FALSE(package->sha256);
}

TEST_CASE("a name, a path, no expiry, no comment: refused with the reason", "[allow]") {
  const std::string rest = "expires=2027-03-31 comment=x";
  for (const std::string identity : {"nginx", "/opt/agent", "path:/opt/agent", "package:"})
    CHECK(error_of(identity + " " + rest).find("no verified identity") != std::string::npos);
  CHECK(error_of("sha256:12 " + rest).find("64 hex digits") != std::string::npos);
  CHECK(error_of(by_content("comment=x")).find("expires=YYYY-MM-DD") != std::string::npos);
  CHECK(error_of(by_content("expires=soon comment=x")).find("no date") != std::string::npos);
  CHECK(error_of(by_content("expires=2027-03-31")).find("comment=WORDS") != std::string::npos);
  CHECK(error_of(by_content("expires=2027-03-31 comment= ")).find("comment=WORDS") !=
        std::string::npos);
  CHECK_FALSE(error_of("").empty());
}

TEST_CASE("an entry silences the content it names, counts it, and ends", "[allow]") {
  const std::vector<std::string> texts = {by_content("expires=2027-03-31 comment=x")};
  AllowList list(texts);
  CHECK(list.silences({.sha256 = kContent, .package = {}}, kNow));
  CHECK_FALSE(list.silences({.sha256 = kOther, .package = {}}, kNow));
  CHECK_FALSE(list.silences({.sha256 = {}, .package = "x"}, kNow));
  const auto later = list.entries()[0].expires_ns;
  CHECK_FALSE(list.silences({.sha256 = kContent, .package = {}}, later));
  const auto status = list.status(later);
  REQUIRE(status.size() == 1);
  CHECK(status[0]["silenced"] == 1);
  CHECK(status[0]["last"] == 1'800'000'000);
  CHECK(status[0]["expired"] == true);
  CHECK(status[0]["comment"] == "x");
}

TEST_CASE("a package vouches only for files that are as it brought them", "[allow]") {
  const std::vector<std::string> texts = {"package:agent expires=2027-03-31 comment=x"};
  AllowList list(texts);
  CHECK(list.silences({.sha256 = kContent, .package = "agent", .intact = true}, kNow));
  CHECK_FALSE(list.silences({.sha256 = kContent, .package = "agent", .intact = false}, kNow));
  CHECK_FALSE(list.silences({.sha256 = kContent, .package = "agent", .intact = {}}, kNow));
  CHECK_FALSE(list.silences({.sha256 = kContent, .package = {}, .intact = true}, kNow));
}

TEST_CASE("the configuration refuses an entry with its place", "[allow]") {
  ConfigLoad load;
  apply_config_text("[beacon]\nallow = [\"nginx expires=2027-03-31 comment=x\"]\n", "t.toml", load);
  REQUIRE(load.faults.size() == 1);
  CHECK(load.faults[0].key == "beacon.allow");
  CHECK(load.faults[0].line == 2);
  CHECK(load.faults[0].reason.find("entry 1") != std::string::npos);
  CHECK(load.config.beacon.allow.empty());
}

TEST_CASE("a list that is read again keeps the counts of what stays", "[allow]") {
  const auto stays = by_content("expires=2027-03-31 comment=backup");
  AllowList list(std::vector<std::string>{stays});
  const VerifiedIdentity agent{.sha256 = kContent, .package = {}};
  const VerifiedIdentity other{.sha256 = kOther, .package = {}};
  CHECK(list.silences(agent, kNow));
  CHECK_FALSE(list.silences(other, kNow));
  list.replace(std::vector<std::string>{
      "sha256:" + kOther.hex() + " expires=2027-03-31 comment=new", stays});
  CHECK(list.silences(other, kNow));
  CHECK(list.silences(agent, kNow));
  const auto status = list.status(kNow);
  CHECK(status[0]["silenced"] == 1);
  CHECK(status[1]["silenced"] == 2);
  list.replace({});
  CHECK_FALSE(list.silences(agent, kNow));
}
