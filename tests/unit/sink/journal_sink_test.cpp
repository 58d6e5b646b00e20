// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "sink/journal_sink.hpp"

#include <sched.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>
#include <map>
#include <set>
#include <thread>

#include "base/fd.hpp"
#include "sink/journal_ids.hpp"
#include "support/alert_fixture.hpp"
#include "support/temp_dir.hpp"
#include "support/test.hpp"

namespace tocsin {
namespace {

std::map<std::string, std::string> fields_of(const RenderedAlert& alert) {
  std::map<std::string, std::string> out;
  for (const auto& field : journal_fields(alert)) {
    const auto equals = field.find('=');
    const bool added = out.emplace(field.substr(0, equals), field.substr(equals + 1)).second;
    CHECK(added);
  }
  return out;
}

// journald's native protocol: NAME=value\n, or NAME\n, 64-bit little-endian length, value, \n.
std::map<std::string, std::string> decode_native(std::string_view data) {
  std::map<std::string, std::string> out;
  while (!data.empty()) {
    const auto line = data.substr(0, data.find('\n'));
    data.remove_prefix(line.size() + 1);
    if (const auto equals = line.find('='); equals != std::string_view::npos) {
      out.emplace(line.substr(0, equals), line.substr(equals + 1));
      continue;
    }
    std::uint64_t size = 0;
    std::memcpy(&size, data.data(), sizeof size);
    out.emplace(line, data.substr(sizeof size, size));
    data.remove_prefix(sizeof size + size + 1);
  }
  return out;
}

TEST_CASE("journal fields name the finding and the process", "[sink][journal]") {
  auto fields = fields_of(*test::sample_rendered(test::sample_alert(AlertKind::kConnectIp)));
  CHECK(fields["MESSAGE"].starts_with("/tmp/evil (pid 977"));
  CHECK(fields["MESSAGE_ID"] == journal_message_id(AlertKind::kConnectIp));
  CHECK(fields["PRIORITY"] == "2");
  CHECK(fields["SYSLOG_IDENTIFIER"] == "tocsin");
  CHECK(fields["TOCSIN_ALERT_ID"] == "01KAXYZ0000000000000000000");
  CHECK(fields["TOCSIN_RULE"] == "tocsin.connect-ip");
  CHECK(fields["TOCSIN_SEVERITY"] == "critical");
  CHECK(fields["TOCSIN_INDICATOR"] == "192.0.2.7");
  CHECK(fields["TOCSIN_FEED"] == "3cx-2023");
  CHECK(fields["TOCSIN_DEST_IP"] == "192.0.2.7");
  CHECK(fields["TOCSIN_DEST_PORT"] == "443");
  CHECK(fields["TOCSIN_PID"] == "977");
  CHECK(fields["TOCSIN_EXE"] == "/tmp/evil");
  CHECK(fields["TOCSIN_SHA256"].size() == 64);
  CHECK(fields["TOCSIN_EVENTS_LOST"] == "0");
  CHECK_FALSE(fields.contains("TOCSIN_CONTAINER_ID"));
}

TEST_CASE("field names are ones that journald takes", "[sink][journal]") {
  for (const AlertKindFacts& facts : all_alert_kinds()) {
    for (const auto& [name, value] :
         fields_of(*test::sample_rendered(test::sample_alert(facts.kind)))) {
      INFO(facts.code << " " << name);
      CHECK(name.size() <= 64);
      CHECK((name[0] >= 'A' && name[0] <= 'Z'));
      CHECK(name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == std::string::npos);
      CHECK_FALSE(value.empty());
    }
  }
}

TEST_CASE("each kind has its own message id, and the catalog explains it", "[sink][journal]") {
  const std::string catalog =
      test::read_text(std::string(TOCSIN_SOURCE_DIR) + "/systemd/tocsin.catalog");
  std::set<std::string_view> ids;
  for (const AlertKindFacts& facts : all_alert_kinds()) {
    const auto id = journal_message_id(facts.kind);
    INFO(facts.code);
    CHECK(id.size() == 32);
    CHECK(ids.insert(id).second);
    const auto entry = "-- " + std::string(id) + "\nSubject: ";
    CHECK(catalog.find(entry) != std::string::npos);
  }
  // And nothing else.
  std::size_t entries = 0;
  for (auto at = catalog.find("\n-- "); at != std::string::npos; at = catalog.find("\n-- ", at + 1))
    ++entries;
  CHECK(entries == all_alert_kinds().size());
}

// A journald of our own in a mount namespace of our own: the real client library talks to it.
TEST_CASE("records arrive at journald's socket, and its absence is a state", "[sink][journal]") {
  if (::geteuid() != 0) {
    WARN("skipped: a mount namespace needs root");
    return;
  }
  Alert alert = test::sample_alert(AlertKind::kExecHash);
  alert.lineage[0].path = "/tmp/a\nb\xff";
  const auto rendered = test::sample_rendered(alert);
  std::string trouble;
  std::map<std::string, std::string> got;
  SinkHealth absent_health, present_health;
  Result<Written> absent, sent;
  std::jthread([&] {  // unshare(2) here changes this thread only
    if (::unshare(CLONE_NEWNS | CLONE_FS) != 0 ||
        ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("none", "/run", "tmpfs", 0, nullptr) != 0) {
      trouble = std::strerror(errno);
      return;
    }
    JournalSink sink;
    absent = sink.write(*rendered, {});
    absent_health = sink.health();

    std::filesystem::create_directories("/run/systemd/journal");
    const Fd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = "/run/systemd/journal/socket"};
    if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      trouble = std::strerror(errno);
      return;
    }
    sent = sink.write(*rendered, {});
    present_health = sink.health();
    std::array<char, 65536> buffer;
    const ssize_t n = ::recv(socket.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (n > 0) got = decode_native({buffer.data(), static_cast<std::size_t>(n)});
  })
      .join();
  if (!trouble.empty()) {
    WARN("skipped: no mount namespace: " << trouble);
    return;
  }
  REQUIRE(absent);
  CHECK(*absent == Written::kAbsent);
  CHECK(absent_health.state == SinkState::kAbsent);
  REQUIRE(sent);
  CHECK(*sent == Written::kDelivered);
  CHECK(present_health.state == SinkState::kOk);
  CHECK(got["TOCSIN_EXE"] == "/tmp/a\nb\xff");
  CHECK(got["MESSAGE_ID"] == journal_message_id(AlertKind::kExecHash));
  CHECK(got.size() == journal_fields(*rendered).size());
}

}  // namespace
}  // namespace tocsin
