// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "names/monitor_message.hpp"

#include "support/temp_dir.hpp"
#include "support/test.hpp"

using namespace tocsin;

namespace {

// Replies of systemd-resolved 252, as its socket gave them.
std::string reply(const std::string& name) {
  return test::read_text(std::string(TOCSIN_SOURCE_DIR) + "/tests/fuzz/corpus/monitor_message/" +
                         name);
}

DnsEvent event_of(const std::string& name) {
  auto read = read_monitor_reply(reply(name), 7);
  REQUIRE(read);
  REQUIRE(*read);
  return **read;
}

}  // namespace

TEST_CASE("an answer of resolved becomes an event without a process", "[names]") {
  const auto event = event_of("address");
  CHECK(event.origin == DnsOrigin::kResolverMonitor);
  CHECK(event.head.time_ns == 7);
  CHECK_FALSE(event.head.process.known());
  CHECK(event.qname == "www.evil.example");
  CHECK(event.qtype == "A");
  CHECK(event.rcode == "NOERROR");
  REQUIRE(event.answers.size() == 1);
  CHECK(event.answers[0].data == "203.0.113.5");
  CHECK(event.answers[0].ttl_s == 300);
}

TEST_CASE("aliases and failures of resolved", "[names]") {
  const auto alias = event_of("alias");
  REQUIRE(alias.answers.size() == 2);
  CHECK(alias.answers[0].type == "CNAME");
  CHECK(alias.answers[0].data == "host.evil.example");
  CHECK(alias.answers[1].owner == "host.evil.example");
  const auto failed = event_of("nxdomain");
  CHECK(failed.qname == "nx.invalid");
  CHECK(failed.rcode == "NXDOMAIN");
  CHECK(failed.answers.empty());
}

TEST_CASE("what tells no look-up is told apart from what is broken", "[names]") {
  const auto ready = read_monitor_reply(reply("ready"), 7);
  REQUIRE(ready);
  CHECK_FALSE(*ready);
  const auto refused = read_monitor_reply(reply("error"), 7);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message == "org.varlink.service.MethodNotFound");
  CHECK_FALSE(read_monitor_reply("{", 7));
  CHECK_FALSE(read_monitor_reply("[]", 7));
  CHECK_FALSE(read_monitor_reply(std::string(100, '['), 7));
  CHECK_FALSE(read_monitor_reply(R"({"parameters":{"question":[{"type":1}]}})", 7));
  CHECK_FALSE(read_monitor_reply(R"({"parameters":{"question":[{"name":"a.b","type":-1}]}})", 7));
}
