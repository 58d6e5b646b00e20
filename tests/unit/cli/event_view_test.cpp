// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "cli/event_view.hpp"

#include <netinet/in.h>

#include <string>

#include "event/event_json.hpp"
#include "support/test.hpp"

using namespace tocsin;

namespace {

std::string line_of(const Event& event, const EventExtras& extras = {}) {
  const auto json = nlohmann::json::parse(to_json(event, extras));
  return cli::event_line(json, cli::Output(false));
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

EventHead head() {
  return {.time_ns = 1'764'072'000'123'000'000, .process = {4711, 1}, .cgroup_id = 0};
}

}  // namespace

TEST_CASE("an exec line shows program, arguments and how it was hashed", "[cli]") {
  ExecEvent exec;
  exec.head = head();
  exec.path = "/usr/bin/bash";
  exec.argv = {"bash", "/tmp/a.sh", "two\nlines"};
  exec.script = true;
  exec.filename = "/tmp/a.sh";
  exec.uid = 1000;
  exec.tty = "pts/0";
  HashResult hash;
  hash.digests.emplace();
  hash.digests->sha256.bytes.fill(0xab);
  EventExtras extras;
  extras.hash = &hash;
  extras.container = "0123456789abcdef0123";
  const auto line = line_of(exec, extras);
  INFO(line);
  for (const auto* part :
       {"exec", "4711", "/usr/bin/bash running /tmp/a.sh", "two\\x0alines", "sha256 abababababab…",
        "uid 1000", "tty pts/0", "script", "container 0123456789ab"})
    CHECK(has(line, part));
  CHECK(line.find('\n') == std::string::npos);

  hash = {};
  hash.miss = HashMiss::kGone;
  CHECK(has(line_of(exec, extras), "no hash: gone"));
}

TEST_CASE("network lines show where to and what came of it", "[cli]") {
  ConnectEvent connect;
  connect.head = head();
  connect.comm = "curl";
  connect.remote = {*IpAddress::parse("2001:db8::7"), 443};
  connect.protocol = IPPROTO_TCP;
  connect.result = ConnectResult::kRefused;
  connect.host = "evil.example";
  CHECK(has(line_of(connect), "curl tcp [2001:db8::7]:443 (evil.example) refused"));

  CloseEvent close;
  close.head = head();
  close.remote = {*IpAddress::parse("192.0.2.7"), 80};
  close.bytes_out = 2048;
  close.duration_ns = 1'500'000'000;
  CHECK(has(line_of(close), "192.0.2.7:80 sent 2.0 KiB after 1.5 s"));

  DnsEvent dns;
  dns.head = head();
  dns.qname = "evil.example";
  dns.qtype = "A";
  dns.answers = {{"A", "192.0.2.7", 60}};
  CHECK(has(line_of(dns), "evil.example"));
  CHECK(has(line_of(dns), "192.0.2.7"));
}

TEST_CASE("a loss is told as a loss", "[cli]") {
  CHECK(
      has(line_of(LossEvent{1'764'072'000'000'000'000, "ring/exec", 12}), "LOST 12 at ring/exec"));
}

TEST_CASE("an event of unexpected shape does no harm", "[cli]") {
  for (const auto* text : {"{}", R"({"kind":"exec","argv":7,"flags":{},"script":[]})",
                           R"({"kind":"dns","answers":[1,null]})", R"({"kind":["x"],"ts":"now"})",
                           R"({"kind":"close","bytes_out":-1,"duration":-5})"}) {
    INFO(text);
    CHECK_NOTHROW(cli::event_line(nlohmann::json::parse(text), cli::Output(false)));
  }
}
