// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// What stands around a finding, out of files that the daemon's own store wrote.
#include "history/contacts.hpp"

#include <netinet/in.h>

#include <algorithm>
#include <functional>

#include "history/contact_days.hpp"
#include "history/contacts_json.hpp"
#include "history_fixture.hpp"

using namespace tocsin;
using namespace tocsin::test;

namespace {

const std::string kBeacon(32, '\x01');
const std::string kOther(32, '\x02');
const std::string kBefore(32, '\x03');

SingleEvent event_of(std::string_view kind, WallNs at, const std::string& content) {
  SingleEvent event;
  event.kind = kind;
  event.time_ns = at;
  event.process = {7, 70};
  event.content = std::make_shared<const std::string>(content);
  return event;
}

SingleEvent connect_at(WallNs at, const std::string& content, std::uint64_t cookie = 0) {
  auto event = event_of("connect", at, content);
  event.address = IpAddress::parse("203.0.113.9");
  event.port = std::uint16_t{443};
  event.protocol = std::uint8_t{IPPROTO_TCP};
  event.name = "c2.example";
  event.cookie = cookie;
  return event;
}

Sighting sighting(SeenKind kind, std::string_view value, std::string_view subject, WallNs at) {
  static const Who kNobody;
  return {.kind = kind,
          .value = value,
          .subject = subject,
          .time_ns = at,
          .process = {7, 70},
          .who = kNobody};
}

// An hour of calls once a minute, by kBeacon; one by kOther; an earlier content of the file.
void fill(HistoryStore& store) {
  auto pending = store.pending();
  for (int i = 0; i < 60; ++i) {
    const WallNs at = kNoon + i * 60 * kSecond;
    pending->add(connect_at(at, kBeacon));
    auto close = event_of("close", at + 30 * kSecond, kBeacon);
    close.address = IpAddress::parse("203.0.113.9");
    close.port = std::uint16_t{443};
    close.bytes_out = 500 + static_cast<std::uint64_t>(i);
    close.duration_ns = 30ULL * kSecond;
    pending->add(std::move(close));
    const auto name = reversed_labels("c2.example");
    pending->see(sighting(SeenKind::kName, name, kBeacon, at));
  }
  auto elsewhere = connect_at(kNoon + 5 * kSecond, kBeacon);
  elsewhere.name = "updates.example";
  pending->add(std::move(elsewhere));
  pending->see(sighting(SeenKind::kName, reversed_labels("updates.example"), kBeacon, kNoon));
  pending->see(sighting(SeenKind::kName, reversed_labels("c2.example"), kOther, kNoon + kSecond));
  pending->see(sighting(SeenKind::kProgram, kBefore, "/opt/app", kNoon - kDay));
  pending->see(sighting(SeenKind::kProgram, kBeacon, "/opt/app", kNoon));
  pending->see(sighting(SeenKind::kProgram, kOther, "/usr/bin/curl", kNoon));
}

ContactReport ask(const std::string& folder, ContactQuestion question) {
  auto reader = HistoryReader::open(folder);
  REQUIRE(reader);
  question.now_ns = kNoon + kDay / 4;
  auto report = contacts_of(*reader, question);
  REQUIRE(report);
  return std::move(*report);
}

}  // namespace

TEST_CASE("single contacts, their bytes and their neighbours are found", "[history]") {
  const TempDir dir;
  {
    HistoryStore store(history_options(dir.path()), history_clock());
    fill(store);
    REQUIRE(store.flush_wait(kSoon));
    CHECK(store.stop(kSoon));
  }
  const ContactQuestion question{.program = kBeacon,
                                 .path = "/opt/app",
                                 .destination = "c2.example",
                                 .port = std::uint16_t{443}};
  const auto report = ask(dir.path(), question);
  REQUIRE(report.contacts.size() == 60);
  CHECK(report.contacts.front().time_ns == kNoon);
  CHECK(report.contacts.back().time_ns == kNoon + 59 * 60 * kSecond);
  CHECK(report.contacts[7].bytes_out == 507);
  CHECK(report.earlier == 0);
  CHECK(report.in_time);
  CHECK(report.searched_from_ns == kNoon - kDay / 2);
  REQUIRE(report.destinations.shown.size() == 1);
  CHECK(report.destinations.shown[0].what == "updates.example");
  REQUIRE(report.programs.shown.size() == 1);
  CHECK(report.programs.shown[0].what == to_hex(std::vector<std::uint8_t>(32, 2)));
  REQUIRE(report.versions.size() == 2);
  CHECK(report.versions[0].sha256 == to_hex(std::vector<std::uint8_t>(32, 1)));
  CHECK(report.versions[1].last_ns == kNoon - kDay);

  SECTION("by address, by network, by another port, since later") {
    auto by = question;
    by.destination = "203.0.113.9";
    CHECK(ask(dir.path(), by).contacts.size() == 61);
    by.destination = "203.0.113.0/24";
    CHECK(ask(dir.path(), by).contacts.size() == 61);
    by.destination = kAnyDestination;
    CHECK(ask(dir.path(), by).contacts.size() >= 61);
    by.port = std::uint16_t{80};
    CHECK(ask(dir.path(), by).contacts.empty());
    by = question;
    by.since_ns = kNoon + 30 * 60 * kSecond;
    CHECK(ask(dir.path(), by).contacts.size() == 30);
    by.program = kOther;
    CHECK(ask(dir.path(), by).contacts.empty());
  }
  SECTION("as JSON") {
    const auto json = to_json(report);
    CHECK(json["contacts"].size() == 60);
    CHECK(json["contacts"][7][1] == 507);
    CHECK(json["contacts"][7][2].is_null());
    CHECK(json["versions"][1]["count"] == 1);
    CHECK(json["coverage"].contains("gaps"));
  }
}

TEST_CASE("questions for names below a domain are contacts, too", "[history]") {
  const TempDir dir;
  {
    HistoryStore store(history_options(dir.path()), history_clock());
    for (int i = 0; i < 10; ++i) {
      auto question = event_of("dns", kNoon + i * kSecond, kBeacon);
      question.value = "x" + std::to_string(i) + ".tunnel.example";
      auto answer = question;
      answer.result = "NOERROR";
      store.pending()->add(std::move(question));
      store.pending()->add(std::move(answer));
    }
    auto near = event_of("dns", kNoon, kBeacon);
    near.value = "nottunnel.example";
    store.pending()->add(std::move(near));
    REQUIRE(store.flush_wait(kSoon));
    CHECK(store.stop(kSoon));
  }
  const auto report =
      ask(dir.path(), {.program = kBeacon, .destination = "tunnel.example", .dns = true});
  CHECK(report.contacts.size() == 10);
}

namespace {

// Files what fill_in says, and asks.
ContactReport report_on(const std::function<void(HistoryBatch&)>& fill_in,
                        ContactQuestion question) {
  const TempDir dir;
  {
    HistoryStore store(history_options(dir.path()), history_clock());
    fill_in(*store.pending());
    REQUIRE(store.flush_wait(kSoon));
    CHECK(store.stop(kSoon));
  }
  return ask(dir.path(), std::move(question));
}

SingleEvent close_of(WallNs opened, const char* address, std::uint64_t bytes) {
  auto close = event_of("close", opened + 30 * kSecond, kBeacon);
  close.address = IpAddress::parse(address);
  close.port = std::uint16_t{443};
  close.bytes_out = bytes;
  close.duration_ns = 30ULL * kSecond;
  return close;
}

Sighting destination_seen(const char* address, std::string_view subject, std::string& value) {
  value = to_value(SeenDestination{*IpAddress::parse(address), 443, IPPROTO_TCP});
  return sighting(SeenKind::kDestination, value, subject, kNoon);
}

std::vector<std::string> names_of(const Neighbours& neighbours) {
  std::vector<std::string> out;
  for (const auto& one : neighbours.shown) out.push_back(one.what);
  std::ranges::sort(out);
  return out;
}

}  // namespace

TEST_CASE("what another container did is told apart", "[history]") {
  const auto fill_in = [](HistoryBatch& pending) {
    static const auto kInside = make_who(R"({"path":"/app","container":"c1","lineage":[]})");
    static const auto kHost = make_who(R"({"path":"/app","lineage":[{"container":"c1"}]})");
    const auto name = reversed_labels("c2.example"), other = reversed_labels("other.example");
    for (const auto& [container, who] : {std::pair("c1", kInside), std::pair("", kHost)}) {
      auto contact = connect_at(kNoon + (who == kHost ? kSecond : 0), kBeacon);
      contact.who = who;
      pending.add(std::move(contact));
      auto seen = sighting(SeenKind::kName, name, kBeacon, kNoon);
      seen.container = container;
      pending.see(seen);
      seen.value = other;
      if (*container != '\0') pending.see(seen);
      auto version =
          sighting(SeenKind::kProgram, *container == 0 ? kBefore : kBeacon, "/app", kNoon);
      version.container = container;
      pending.see(version);
    }
  };
  ContactQuestion question{
      .program = kBeacon, .container = "c1", .path = "/app", .destination = "c2.example"};
  const auto inside = report_on(fill_in, question);
  REQUIRE(inside.contacts.size() == 1);
  CHECK(inside.contacts[0].time_ns == kNoon);
  CHECK(names_of(inside.destinations) == std::vector<std::string>{"other.example"});
  REQUIRE(inside.versions.size() == 1);
  CHECK(inside.versions[0].sha256 == to_hex(std::vector<std::uint8_t>(32, 1)));
  // The same program on the host is somebody else.
  REQUIRE(inside.programs.shown.size() == 1);
  question.container = "";
  const auto host = report_on(fill_in, question);
  REQUIRE(host.contacts.size() == 1);
  CHECK(host.contacts[0].time_ns == kNoon + kSecond);
  CHECK(host.destinations.shown.empty());
  CHECK(host.versions.at(0).sha256 == to_hex(std::vector<std::uint8_t>(32, 3)));
  REQUIRE(host.programs.shown.size() == 1);
  CHECK(host.programs.shown[0].container == "c1");
  CHECK(to_json(host)["programs"][0]["container"] == "c1");
}

TEST_CASE("one content at a path is one version, however it was run", "[history]") {
  const auto report = report_on(
      [](HistoryBatch& pending) {
        pending.see(sighting(SeenKind::kProgram, kBeacon, "/opt/app", kNoon - kDay));
        pending.see(sighting(SeenKind::kScript, kBeacon, "/opt/app", kNoon));
        auto inside = sighting(SeenKind::kProgram, kBeacon, "/opt/app", kNoon + kSecond);
        inside.container = "c1";
        pending.see(inside);
      },
      {.program = kBeacon, .path = "/opt/app"});
  REQUIRE(report.versions.size() == 1);
  CHECK(report.versions[0].first_ns == kNoon - kDay);
  CHECK(report.versions[0].last_ns == kNoon + kSecond);
  CHECK(report.versions[0].count == 3);
  CHECK_FALSE(report.programs_searched);
}

TEST_CASE("a name's own addresses are not elsewhere, and what was only maybe meant is nowhere",
          "[history]") {
  std::string at, elsewhere;
  const auto maybe = reversed_labels("neighbour.example"), name = reversed_labels("c2.example");
  const auto report = report_on(
      [&](HistoryBatch& pending) {
        pending.add(connect_at(kNoon, kBeacon));
        pending.see(sighting(SeenKind::kName, name, kBeacon, kNoon));
        pending.see(destination_seen("203.0.113.9", kBeacon, at));
        pending.see(destination_seen("198.51.100.1", kBeacon, elsewhere));
        auto unsure = sighting(SeenKind::kName, maybe, kBeacon, kNoon);
        unsure.flags = static_cast<std::uint32_t>(SeenFlag::kMaybeMeant);
        pending.see(unsure);
        unsure.value = name;
        unsure.subject = kOther;
        pending.see(unsure);
      },
      {.program = kBeacon, .destination = "c2.example"});
  CHECK(names_of(report.destinations) == std::vector<std::string>{"198.51.100.1:443/tcp"});
  CHECK(report.programs.shown.empty());
  CHECK(report.programs_searched);
}

TEST_CASE("who else goes to a network is found", "[history]") {
  std::string mine, theirs, far;
  const auto report = report_on(
      [&](HistoryBatch& pending) {
        pending.see(destination_seen("2001:db8:1:2::9", kBeacon, mine));
        pending.see(destination_seen("2001:db8:1:2::77", kOther, theirs));
        pending.see(destination_seen("2001:db8:1:3::77", kBefore, far));
      },
      {.program = kBeacon, .destination = "2001:db8:1:2::/64"});
  CHECK(report.destinations.shown.empty());
  CHECK(names_of(report.programs) ==
        std::vector<std::string>{to_hex(std::vector<std::uint8_t>(32, 2))});
}

TEST_CASE("bytes of connections to other addresses are not this one's", "[history]") {
  const auto report = report_on(
      [](HistoryBatch& pending) {
        pending.add(connect_at(kNoon, kBeacon));
        pending.add(connect_at(kNoon + 60 * kSecond, kBeacon));
        pending.add(close_of(kNoon, "198.51.100.1", 999));
        pending.add(close_of(kNoon + 60 * kSecond, "203.0.113.9", 500));
      },
      {.program = kBeacon, .destination = "c2.example", .port = std::uint16_t{443}});
  REQUIRE(report.contacts.size() == 2);
  CHECK_FALSE(report.contacts[0].bytes_out);
  CHECK(report.contacts[1].bytes_out == 500);
}

TEST_CASE("what the looking was worth is told of the finding's own time", "[history]") {
  constexpr WallNs kMinute = 60 * kSecond, kHour = 60 * kMinute;
  const TempDir dir;
  {
    const auto clock = history_clock();
    HistoryStore store(history_options(dir.path()), clock);
    fill(store);  // contacts up to 12:59
    REQUIRE(store.flush_wait(kSoon));
    clock->advance_to(kNoon + kHour);
    CHECK(store.stop(kSoon));
  }
  ContactQuestion question{.program = kBeacon, .path = "/opt/app"};
  CHECK(ask(dir.path(), question).coverage.gap_ns == 5 * kHour);  // up to now, 18:00

  // Nobody watched from 13:00 on; the story ends at 12:30, and an hour later.
  question.about_since_ns = kNoon + 10 * kMinute;
  question.about_until_ns = kNoon + 30 * kMinute;
  auto coverage = ask(dir.path(), question).coverage;
  CHECK(coverage.from_ns == kNoon);  // nothing is kept from before
  CHECK(coverage.to_ns == kNoon + 90 * kMinute);
  CHECK(coverage.gap_ns == 30 * kMinute);
  CHECK_FALSE(coverage.begins_early());
  question.about_since_ns = kNoon - kMinute;
  CHECK(ask(dir.path(), question).coverage.begins_early());

  // The contacts that are drawn go on until 12:59.
  question.destination = "c2.example";
  question.about_since_ns = question.about_until_ns;
  coverage = ask(dir.path(), question).coverage;
  CHECK(coverage.asked_from_ns == kNoon);
  CHECK(coverage.to_ns == kNoon + 119 * kMinute);
  question.about_until_ns.reset();
  CHECK(ask(dir.path(), question).coverage.to_ns == kNoon + kDay / 4);
}
