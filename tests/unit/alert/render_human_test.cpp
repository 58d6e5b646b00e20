// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "alert/render_human.hpp"

#include <algorithm>

#include "alert/message.hpp"
#include "base/text.hpp"
#include "support/alert_fixture.hpp"
#include "support/test.hpp"

namespace tocsin {
namespace {

TEST_CASE("an exec alert tells who, how we know, from where, and what to do next",
          "[alert][human]") {
  Alert alert = test::sample_alert(AlertKind::kExecHash);
  const std::string digest = alert.lineage[0].hash.digests->sha256.hex();
  CHECK(render_human(alert, {}) ==
        "2025-11-25T12:00:00.123Z ALARM critical: /tmp/evil (pid 977, root, login alice) was "
        "executed; its content matches the sha256 indicator of 3CX SmoothOperator (set 3cx-2023)\n"
        "  who      evil(977), root, login alice, pts/3, in /tmp\n"
        "  command  ./evil --now two words\n"
        "  hash     sha256 " +
            digest +
            ", read from the running process itself, identity verified\n"
            "  matches  sha256 " +
            digest +
            ", set 3cx-2023, 3CX SmoothOperator, critical (confidence 90 "
            "%), source https://advisory.example/3cx [3cx.csv:14]\n"
            "  lineage  systemd(1) › sshd(812) › bash(903) › evil(977)\n"
            "  loss     no events lost since 2025-11-25T11:00:00.123Z\n"
            "  next     tocsin explain 01KAXYZ0000000000000000000\n");
}

TEST_CASE("weak evidence, loss, container and repeats are said", "[alert][human]") {
  Alert alert = test::sample_alert(AlertKind::kConnectIp);
  alert.loss.lost = {{0, "ring/exec", 12}, {0, "hash/queue", 3}};
  alert.lineage[0].container_id = "0123456789abcdef0123";
  alert.lineage[0].login_uid.reset();
  alert.lineage[0].login_user.clear();
  alert.repeats = 41;
  const std::string text = render_human(alert, {});
  INFO(text);
  CHECK(text.find("connected to 192.0.2.7:443/tcp") != std::string::npos);
  CHECK(text.find("[and 41 more times]") != std::string::npos);
  CHECK(text.find("  weak     because the address alone matched") != std::string::npos);
  CHECK(text.find("EVENTS LOST since 2025-11-25T11:00:00.123Z: ring/exec 12, hash/queue 3; there "
                  "may be more") != std::string::npos);
  CHECK(text.find("no login (service or boot), pts/3, in /tmp") != std::string::npos);
  CHECK(text.find("  inside   0123456789ab…\n") != std::string::npos);
}

TEST_CASE("the container and the login are said in a line each", "[alert][human]") {
  Alert alert = test::sample_alert(AlertKind::kModuleHash);
  const std::string text = render_human(alert, {});
  INFO(text);
  CHECK(text.find("  inside   web (cccccccccccc…), image registry.example/web:1.2, "
                  "pod shop/web-7d4b, by containerd\n") != std::string::npos);
  CHECK(text.find("  session  alice from 198.51.100.9:50122 through sshd(812), pts/3; "
                  "sudo(900): alice -> root\n") != std::string::npos);
  alert.container = ContainerFacts();
  alert.container->unnamed_because = "no state file of a known runtime speaks of it";
  CHECK(render_human(alert, {}).find("cccccccccccc…, unnamed: no state file") != std::string::npos);
}

TEST_CASE("every kind fits a dozen lines and a terminal, whatever bytes it is about",
          "[alert][human]") {
  for (const AlertKindFacts& facts : all_alert_kinds()) {
    Alert alert = test::sample_alert(facts.kind);
    alert.weak_because = "b\x1b[2J\r\n";
    alert.message = "m\x1b]0;title\x07";
    for (auto& process : alert.lineage) {
      process.path = "/tmp/\x1b[31mred\n\xe2\x80\xae/x\xff";
      process.argv = {"a\nb", std::string(5000, '\x01')};
      process.user = process.login_user = "r\too\x7f";
      process.tty = process.cwd = process.container_id = "t\x9b";
      process.hash.detail = "d\n\n";
    }
    for (auto& match : alert.matches) match.indicator.source = "s\x1b[0m\n";
    auto& container = alert.container.emplace();
    container.name = container.image = container.pod = container.unnamed_because = "c\x1b\n";
    auto& session = alert.session.emplace();
    session.login_user = session.entry = session.tty = "l\x1b\n";
    session.through = {"s\x1b\n"};
    const std::string text = render_human(alert, {});
    INFO(facts.code << "\n" << text);
    CHECK(std::ranges::count(text, '\n') <= 14);
    CHECK(text.back() == '\n');
    std::string flat = text;
    std::erase(flat, '\n');
    // printable() leaves a safe text as it is.
    CHECK(printable(flat, flat.size()) == flat);
  }
}

TEST_CASE("colours only when told to", "[alert][human]") {
  const Alert alert = test::sample_alert(AlertKind::kExecHash);
  CHECK(render_human(alert, {.colour = false}).find('\x1b') == std::string::npos);
  CHECK(render_human(alert, {.colour = true}).find("\x1b[") != std::string::npos);
}

TEST_CASE("words of the first line follow severity and self-test", "[alert][human]") {
  Alert alert = test::sample_alert(AlertKind::kExecHash);
  alert.severity = Severity::kInfo;
  CHECK(render_human(alert, {}).find(" NOTE info: ") != std::string::npos);
  alert.self_test = true;
  CHECK(render_human(alert, {}).find(" SELF-TEST info: Self-test, harmless: ") !=
        std::string::npos);
}

TEST_CASE("messages name the outcome of a connection", "[alert][message]") {
  Alert alert = test::sample_alert(AlertKind::kConnectIp);
  const auto has = [&](std::string_view words) {
    INFO(alert_message(alert));
    return alert_message(alert).find(words) != std::string::npos;
  };
  alert.connect->result = ConnectResult::kRefused;
  CHECK(has(" tried in vain (refused) to connect to 192.0.2.7:443/tcp,"));
  alert.connect->result = ConnectResult::kInProgress;
  CHECK(has(" began to connect to "));
  alert.connect->datagram = true;
  alert.connect->protocol = 17;
  alert.connect->remote = {*IpAddress::parse("2001:db8::7"), 53};
  CHECK(has(" sent a datagram to [2001:db8::7]:53/udp,"));
}

TEST_CASE("a missing digest is explained", "[alert][message]") {
  HashResult hash;
  hash.miss = HashMiss::kReplaced;
  hash.detail = "/proc/1/exe";
  CHECK(shown_hash_provenance(hash) ==
        "not hashed: what can be opened now is not the file that ran (/proc/1/exe)");
  const Alert alert = test::sample_alert(AlertKind::kNotCaptured);
  CHECK(alert_message(alert) ==
        "/tmp/evil (pid 977, root, login alice) was executed, but its content could not be read; "
        "not hashed: the file and the process were gone before it could be opened");
}

TEST_CASE("an alert without any facts is still a sentence", "[alert][message]") {
  for (const AlertKindFacts& facts : all_alert_kinds()) {
    Alert alert;
    alert.kind = facts.kind;
    CHECK_FALSE(alert_message(alert).empty());
    CHECK_FALSE(render_human(alert, {}).empty());
  }
}

}  // namespace
}  // namespace tocsin
