// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "names/name_cache.hpp"

#include <fmt/format.h>

#include "support/test.hpp"

using namespace tocsin;

namespace {

constexpr WallNs kNow = 1'700'000'000 * kNsPerSecond;
constexpr ProcessId kCurl{100, 5}, kOther{200, 7};

IpAddress ip(std::string_view text) {
  return *IpAddress::parse(text);
}

DnsEvent answer(std::string name, std::string address, std::uint32_t ttl = 60) {
  DnsEvent e;
  e.head = {kNow, kCurl, 0};
  e.qname = std::move(name);
  e.qtype = "A";
  e.rcode = "NOERROR";
  e.response = true;
  e.net_ns = 1;
  e.answers = {{"A", std::move(address), ttl, e.qname, {}}};
  return e;
}

HelloEvent hello(std::string host, std::string_view address) {
  HelloEvent e;
  e.head = {kNow, kCurl, 0};
  e.remote = {ip(address), 443};
  e.host = std::move(host);
  e.net_ns = 1;
  return e;
}

NameCache::Question question(std::string_view address, ProcessId who, WallNs after = 0) {
  return {1, ip(address), who, kNow + after};
}

}  // namespace

TEST_CASE("the asked name is the latest of an answer, never one said in a hello", "[names]") {
  NameCache cache;
  const auto asked = [&](WallNs after = 0) {
    const auto best = cache.asked_name(1, ip("192.0.2.1"), kNow + after);
    return best ? best->name : "";
  };
  cache.learn(hello("said.example", "192.0.2.1"));
  CHECK(asked().empty());
  cache.learn(answer("long.example", "192.0.2.1", 3'600));
  auto later = answer("short.example", "192.0.2.1", 60);
  later.head.time_ns += kNsPerSecond;
  cache.learn(later);
  CHECK(asked() == "short.example");
  CHECK(asked(600 * kNsPerSecond) == "short.example");  // though the other one lives longer
  // What the relay asks is nobody's here, and takes nothing away from who asked before it.
  auto looked_up = answer("short.example", "192.0.2.1", 60);
  looked_up.head.process = kOther;
  looked_up.head.time_ns += 2 * kNsPerSecond;
  cache.learn(looked_up, true);
  looked_up.qname = "relay.example";
  cache.learn(looked_up, true);
  CHECK(asked() == "short.example");
  std::vector<std::string> all;
  cache.for_each_asked(kNow, [&](std::uint32_t net_ns, const IpAddress& address, const auto& name) {
    all.push_back(fmt::format("{} {} {}", net_ns, address.to_string(), name.name));
  });
  CHECK(all == std::vector<std::string>{"1 192.0.2.1 short.example"});
}

TEST_CASE("an answer names the address, as the asker's own and as another's", "[names]") {
  NameCache cache;
  cache.learn(answer("evil.example", "192.0.2.1"));
  auto own = cache.candidates(question("192.0.2.1", kCurl, 2 * kNsPerSecond));
  REQUIRE(own.size() == 1);
  CHECK(own[0].name == "evil.example");
  CHECK(own[0].source == NameSource::kOwnDns);
  CHECK(own[0].age_ns == 2 * kNsPerSecond);
  CHECK(own[0].ttl_s == 60u);
  CHECK_FALSE(own[0].stale);
  CHECK(own[0].sharing == 1);
  auto other = cache.candidates(question("192.0.2.1", kOther));
  REQUIRE(other.size() == 1);
  CHECK(other[0].source == NameSource::kOtherDns);
  CHECK(other[0].learned_by == kCurl);
}

TEST_CASE("another network namespace knows nothing of it", "[names]") {
  NameCache cache;
  cache.learn(answer("evil.example", "192.0.2.1"));
  CHECK(cache.candidates({2, ip("192.0.2.1"), kCurl, kNow}).empty());
}

TEST_CASE("old answers are marked stale, and forgotten after a day", "[names]") {
  NameCache cache;
  cache.learn(answer("evil.example", "192.0.2.1", 60));
  const auto late = cache.candidates(question("192.0.2.1", kCurl, 121 * kNsPerSecond));
  REQUIRE(late.size() == 1);
  CHECK(late[0].stale);
  // A fresh name of another's goes before the own, stale one.
  auto fresh = answer("other.example", "192.0.2.1", 60);
  fresh.head = {kNow + 120 * kNsPerSecond, kOther, 0};
  cache.learn(fresh);
  const auto both = cache.candidates(question("192.0.2.1", kCurl, 121 * kNsPerSecond));
  REQUIRE(both.size() == 2);
  CHECK(both[0].name == "other.example");
  CHECK(both[1].stale);
  CHECK(both[0].sharing == 2);
  cache.expire(kNow + 2 * 24 * 3600 * kNsPerSecond);
  CHECK(cache.counters().addresses == 0);
  CHECK(cache.counters().names == 0);
  CHECK(cache.counters().bytes == 0);
}

TEST_CASE("aliases between the question and the address are kept in order", "[names]") {
  NameCache cache;
  auto e = answer("shop.example", "192.0.2.1");
  e.answers = {{"CNAME", "cdn.example", 60, "shop.example", {}},
               {"CNAME", "edge.example", 60, "cdn.example", {}},
               {"A", "192.0.2.1", 60, "edge.example", {}}};
  cache.learn(e);
  const auto found = cache.candidates(question("192.0.2.1", kCurl));
  REQUIRE(found.size() == 1);
  CHECK(found[0].chain == std::vector<std::string>{"cdn.example", "edge.example"});
}

TEST_CASE("a chain that runs in circles ends", "[names]") {
  NameCache cache;
  auto e = answer("a.example", "192.0.2.1");
  e.answers = {{"CNAME", "b.example", 60, "a.example", {}},
               {"CNAME", "a.example", 60, "b.example", {}},
               {"A", "192.0.2.1", 60, "c.example", {}}};
  cache.learn(e);
  CHECK(cache.candidates(question("192.0.2.1", kCurl)).at(0).chain.size() <= 8);
}

TEST_CASE("address hints of HTTPS records count like addresses", "[names]") {
  NameCache cache;
  auto e = answer("svc.example", "192.0.2.9");
  e.answers = {{"HTTPS", "1 .", 60, "svc.example", {ip("192.0.2.1"), ip("2001:db8::1")}}};
  cache.learn(e);
  CHECK(cache.candidates(question("192.0.2.1", kCurl)).size() == 1);
  CHECK(cache.candidates(question("2001:db8::1", kCurl)).size() == 1);
}

TEST_CASE("a hello names the address; without a host it teaches nothing", "[names]") {
  NameCache cache;
  cache.learn(hello("", "192.0.2.1"));
  CHECK(cache.candidates(question("192.0.2.1", kCurl)).empty());
  cache.learn(hello("front.example", "192.0.2.1"));
  cache.learn(answer("front.example", "192.0.2.1"));
  const auto found = cache.candidates(question("192.0.2.1", kOther));
  REQUIRE(found.size() == 2);
  CHECK(found[0].source == NameSource::kTlsSni);
  CHECK_FALSE(found[0].own);
  CHECK(cache.candidates(question("192.0.2.1", kCurl))[0].source == NameSource::kOwnDns);
  CHECK(found[0].sharing == 1);  // one name, learned in two ways
}

TEST_CASE("questions and failures teach nothing", "[names]") {
  NameCache cache;
  auto e = answer("gone.example", "192.0.2.1");
  e.answers.clear();
  e.rcode = "NXDOMAIN";
  cache.learn(e);
  CHECK(cache.counters().addresses == 0);
}

TEST_CASE("a flood of names is bounded and what goes is counted", "[names]") {
  NameCache cache({.addresses_max = 100, .bytes_max = 1024 * 1024});
  for (int i = 0; i < 1000; ++i)
    cache.learn(answer(fmt::format("n{}.example", i), fmt::format("10.0.{}.{}", i / 200, i % 200)));
  CHECK(cache.counters().addresses == 100);
  CHECK(cache.counters().evicted_addresses == 900);
  for (int i = 0; i < 1000; ++i) cache.learn(answer(fmt::format("m{}.example", i), "192.0.2.1"));
  const auto found = cache.candidates(question("192.0.2.1", kCurl));
  CHECK(found.size() == limits::kNamesPerAddressMax);
  CHECK(found[0].sharing == 1000);
  CHECK(cache.counters().evicted_names == 1000 - limits::kNamesPerAddressMax);
}

TEST_CASE("memory is bounded whatever the names are", "[names]") {
  constexpr std::size_t kBytes = 64 * 1024;
  NameCache cache({.addresses_max = 100'000, .bytes_max = kBytes});
  for (int i = 0; i < 2000; ++i)
    cache.learn(answer(fmt::format("{:0250}", i), fmt::format("10.1.{}.{}", i / 250, i % 250)));
  CHECK(cache.counters().bytes <= kBytes);
  CHECK(cache.counters().evicted_addresses > 1000);
}

TEST_CASE("four askers of one name are told apart", "[names]") {
  NameCache cache;
  for (std::uint32_t pid = 1; pid <= 6; ++pid) {
    auto e = answer("evil.example", "192.0.2.1");
    e.head.process = {pid, 1};
    cache.learn(e);
  }
  CHECK(cache.candidates(question("192.0.2.1", {6, 1}))[0].source == NameSource::kOwnDns);
  CHECK(cache.candidates(question("192.0.2.1", {3, 1}))[0].source == NameSource::kOwnDns);
  CHECK(cache.candidates(question("192.0.2.1", {1, 1}))[0].source == NameSource::kOtherDns);
}
