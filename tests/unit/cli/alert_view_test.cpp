// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// The views read what the daemon really writes: the alerts come from its own renderer.
#include "cli/alert_view.hpp"

#include <string>

#include "support/alert_fixture.hpp"
#include "support/test.hpp"

using namespace tocsin;
using namespace tocsin::test;

namespace {

nlohmann::json json_of(const Alert& alert) {
  return nlohmann::json::parse(sample_rendered(alert)->json);
}

std::string page(const Alert& alert) {
  std::string text;
  for (const auto& line : cli::explanation(json_of(alert), cli::Output(false))) text += line + "\n";
  INFO(text);
  CHECK(text.find('\x1b') == std::string::npos);
  return text;
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("an explanation holds the whole evidence chain", "[cli]") {
  const auto text = page(sample_alert(AlertKind::kExecHash));
  for (const auto* part : {"critical",
                           "01KAXYZ0000000000000000000",
                           "jump1",
                           "3cx-2023",
                           "3CX SmoothOperator",
                           "https://advisory.example/3cx",
                           "3cx.csv:14",
                           "confidence 90 of 100",
                           "second stage",
                           "/tmp/evil",
                           "abababababab",
                           "proc-exe",
                           "./evil --now two words",
                           "977",
                           "alice",
                           "pts/3",
                           "pty",
                           "/usr/bin/bash",
                           "/usr/sbin/sshd",
                           "/usr/lib/systemd/systemd",
                           "nothing",
                           "process.hash.sha256"}) {
    INFO(part);
    CHECK(has(text, part));
  }
  CHECK_FALSE(has(text, "Network"));
}

TEST_CASE("network, weakness and loss stand in the explanation", "[cli]") {
  const auto connect = page(sample_alert(AlertKind::kConnectIp));
  for (const auto* part :
       {"Network", "192.0.2.7", "port 443", "tcp", "ok", "because the address alone matched"}) {
    INFO(part);
    CHECK(has(connect, part));
  }
  CHECK(has(page(sample_alert(AlertKind::kHostName)), "evil.example"));
  const auto named = page(sample_alert(AlertKind::kConnectName));
  CHECK(has(named, "own-dns, learned 3"));
  CHECK(has(named, "through edge.cdn.example"));
  CHECK(has(named, "STALE"));
  CHECK(has(page(sample_alert(AlertKind::kDnsName)), "www.evil.example"));
  const auto missed = page(sample_alert(AlertKind::kNotCaptured));
  CHECK(has(missed, "no digest: gone"));
  CHECK(has(missed, "3 at ring/exec"));
  CHECK(has(missed, "1 at hash/queue"));
  CHECK(has(missed, "memfd"));
}

TEST_CASE("container and login stand in the explanation", "[cli]") {
  const auto text = page(sample_alert(AlertKind::kModuleHash));
  for (const auto* part :
       {"by containerd", "registry.example/web:1.2", "sha256:dddd", "web-7d4b (namespace shop)",
        "app=shop", "alice from 198.51.100.9 port 50122 by sshd(812) on pts/3",
        "sudo(900): alice -> root"}) {
    INFO(part);
    CHECK(has(text, part));
  }
}

TEST_CASE("every kind of alert has a line and an explanation", "[cli]") {
  for (const auto& facts : all_alert_kinds()) {
    const auto alert = sample_alert(facts.kind);
    const auto line = cli::alert_line(json_of(alert), cli::Output(false));
    INFO(line);
    CHECK(has(line, alert.id));
    CHECK(has(line, to_string(alert.severity)));
    CHECK(has(line, "2025-11-25"));
    CHECK(line.find('\n') == std::string::npos);
    CHECK_FALSE(page(alert).empty());
  }
}

TEST_CASE("names in an alert cannot move the cursor or forge a line", "[cli]") {
  auto alert = sample_alert(AlertKind::kExecHash);
  alert.lineage[0].argv = {"x\n  id          forged", "\x1b[2J", "\xff"};
  alert.lineage[1].path = "/tmp/\x1b]0;title\x07";
  const auto text = page(alert);
  CHECK(has(text, "\\x1b"));
  CHECK_FALSE(has(text, "\n  id          forged"));
}

TEST_CASE("an alert of unexpected shape does no harm", "[cli]") {
  for (
      const auto* text :
      {"{}", R"({"tocsin":7})", R"({"tocsin":{"lineage":{},"indicator":"x","loss":[],"time":"y"}})",
       R"({"process":[],"tocsin":{"lineage":[7,null,[]],"indicator":[null]},"destination":1})",
       R"({"message":["a"],"event":{"id":{"x":1}},"tocsin":{"time":1e300,"loss":{"lost":[3]}}})"}) {
    const auto alert = nlohmann::json::parse(text);
    INFO(text);
    CHECK_NOTHROW(cli::alert_line(alert, cli::Output(false)));
    CHECK_NOTHROW(cli::explanation(alert, cli::Output(false)));
  }
}
