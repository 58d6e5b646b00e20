// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "history/retro_match.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "daemon/seen_matcher.hpp"
#include "history/reported.hpp"
#include "support/history_builder.hpp"
#include "support/test.hpp"
#include "unit/indicators/index_fixture.hpp"

using namespace tocsin;
using namespace tocsin::test;

namespace {

constexpr WallNs kNow = kHistoryStart + 10 * kDay;

std::vector<RetroFinding> walk(const HistoryBuilder& built, const std::string& set,
                               bool short_digests = true) {
  auto reader = built.reader();
  const auto index = std::make_shared<const Index>(index_of(set));
  RetroMatch match(match_seen(index, kNow), {.short_digests = short_digests});
  for (;;) {
    const auto more = match.step(reader);
    REQUIRE(more);
    if (!*more) break;
  }
  return match.take_findings();
}

SightingRow name_row(std::string_view name, std::string_view container, WallNs first, WallNs last) {
  SightingRow row;
  row.kind = SeenKind::kName;
  row.value = reversed_labels(name);
  row.subject = to_value(digest_number(9));
  row.container = container;
  row.first_ns = first;
  row.last_ns = last;
  row.count = 10;
  row.days = 2;
  row.flags = static_cast<std::uint32_t>(SeenFlag::kAsked);
  return row;
}

void mark(HistoryBuilder& built, const std::vector<Reported>& marks) {
  auto database =
      Database::open((built.folder() / "seen.db").string(), {.mode = Database::Mode::kCreate});
  REQUIRE(database);
  auto insert = database->prepare("INSERT INTO reported VALUES(?1,?2,?3,?4,?5)");
  REQUIRE(insert);
  for (const auto& one : marks) {
    insert->bind_text(1, one.set).bind_text(2, one.indicator);
    insert->bind(3, static_cast<std::int64_t>(one.kind)).bind_blob(4, one.value).bind(5, one.at_ns);
    REQUIRE(insert->run());
  }
}

}  // namespace

TEST_CASE("one finding for each value, with all who did it", "[hunt]") {
  const TempDir dir;
  HistoryBuilder built(dir / "history");
  built.seen(name_row("www.evil.com", "", kHistoryStart, kHistoryStart + kDay))
      .seen(name_row("www.evil.com", "c1", kHistoryStart - kDay, kHistoryStart + 2 * kDay))
      .seen(name_row("evil.com", "", kHistoryStart, kHistoryStart))
      .seen(name_row("good.com", "", kHistoryStart, kNow))
      .destination("192.0.2.7", 443, kHistoryStart, kNow)
      .destination("192.0.3.7", 443, kHistoryStart, kNow)
      .program(digest_number(1), "/opt/app", kHistoryStart, kNow);
  const auto found =
      walk(built, "# set: s\n# severity: low\ndomain,evil.com\ncidr,192.0.2.0/24\nsha256," +
                      digest_number(1).hex() + ",severity=critical\n");
  REQUIRE(found.size() == 4);
  CHECK(found[0].kind == SeenKind::kProgram);  // the loudest
  const auto www = std::ranges::find_if(
      found, [](const auto& f) { return f.value == reversed_labels("www.evil.com"); });
  REQUIRE(www != found.end());
  CHECK(www->exposure.first_ns == kHistoryStart - kDay);
  CHECK(www->exposure.last_ns == kHistoryStart + 2 * kDay);
  CHECK(www->exposure.count == 20);
  REQUIRE(www->by.size() == 2);
  CHECK(www->by[0].container == "c1");
}

TEST_CASE("short digests are looked up through the content", "[hunt]") {
  const TempDir dir;
  HistoryBuilder built(dir / "history");
  const auto md5 = *Md5::parse(std::string(32, 'b'));
  built.program(digest_number(1), "/opt/app", kHistoryStart, kNow)
      .content(digest_number(1), {.path = "/opt/app", .size = {}, .sha1 = {}, .md5 = md5});
  const auto set = "# set: s\nmd5," + md5.hex() + "\n";
  CHECK(walk(built, set).size() == 1);
  CHECK(walk(built, set, false).empty());
}

TEST_CASE("what was told is not told again, and only that", "[hunt]") {
  const TempDir dir;
  HistoryBuilder built(dir / "history");
  built.seen(name_row("www.evil.com", "", kHistoryStart, kNow))
      .program(digest_number(1), "/opt/app", kHistoryStart, kNow);
  const auto set = "# set: one\ndomain,evil.com\nsha256," + digest_number(1).hex() + "\n";
  auto reader = built.reader();
  for (auto& finding : walk(built, set)) {
    const auto made = retro_alert(reader, std::move(finding));
    REQUIRE(made);
    mark(built, made->marks);
  }
  CHECK(walk(built, set).empty());
  // Another set is another finding.
  CHECK(walk(built, "# set: two\ndomain,evil.com\n").size() == 1);
}

TEST_CASE("a live alert marks what an alert by hindsight would", "[hunt]") {
  const TempDir dir;
  HistoryBuilder built(dir / "history");
  auto script = name_row("x", "", kHistoryStart, kNow);
  script.kind = SeenKind::kScript;
  script.value = to_value(digest_number(2));
  script.subject = "/opt/run.sh";
  built.seen(name_row("www.evil.com", "", kHistoryStart, kNow))
      .program(digest_number(1), "/opt/app", kHistoryStart, kNow)
      .seen(script)
      .destination("2001:db8::7", 443, kHistoryStart, kNow);
  const auto found =
      walk(built, "# set: s\ndomain,evil.com\nip,2001:db8::7\nsha256," + digest_number(1).hex() +
                      "\nsha256," + digest_number(2).hex() + "\n");
  CHECK(found.size() == 4);
  auto reader = built.reader();
  for (const auto& finding : found) {
    const auto made = retro_alert(reader, finding);
    REQUIRE(made);
    INFO(made->alert.message);
    auto live = made->alert;
    live.retro.reset();
    const auto marks = reported_of(live);
    REQUIRE(marks.size() == 1);
    CHECK(marks[0].set == made->marks[0].set);
    CHECK(marks[0].indicator == made->marks[0].indicator);
    CHECK(marks[0].kind == made->marks[0].kind);
    CHECK(marks[0].value == made->marks[0].value);
  }
}

TEST_CASE("an alert by hindsight says since when and by whom", "[hunt]") {
  const TempDir dir;
  HistoryBuilder built(dir / "history");
  auto row = name_row("www.evil.com", "c0ffee", kHistoryStart, kNow);
  row.last_process = {77, 5};
  row.last_who = built.who(
      R"({"path":"/usr/bin/curl","user":"alice","uid":1000,"login_user":"bob","sha256":")" +
      digest_number(9).hex() + R"(","lineage":[{"path":"/bin/sh"},{"path":"/usr/sbin/sshd"}]})");
  built.seen(row);
  auto found = walk(built, "# set: s\ndomain,evil.com\n");
  REQUIRE(found.size() == 1);
  auto reader = built.reader();
  const auto made = retro_alert(reader, std::move(found[0]));
  REQUIRE(made);
  const auto& alert = made->alert;
  CHECK(alert.kind == AlertKind::kDnsName);
  REQUIRE(alert.retro);
  CHECK(alert.retro->count == 10);
  REQUIRE(alert.lineage.size() == 3);
  CHECK(alert.lineage[0].path == "/usr/bin/curl");
  CHECK(alert.lineage[0].id.pid == 77);
  CHECK(alert.lineage[0].container_id == "c0ffee");
  CHECK(alert.lineage[2].path == "/usr/sbin/sshd");
  REQUIRE(alert.retro->programs.size() == 1);
  CHECK(alert.retro->programs[0].sha256 == digest_number(9).hex());
  for (const auto* part : {"asked for the name www.evil.com", "seen before the indicator was known",
                           "10 times", "by /usr/bin/curl in container c0ffee"}) {
    INFO(alert.message);
    CHECK(alert.message.find(part) != std::string::npos);
  }
}

TEST_CASE("a damaged history is an error, not silence", "[hunt]") {
  const TempDir dir;
  HistoryBuilder built(dir / "history");
  built.sql("DROP TABLE reported");
  CHECK_FALSE(HistoryReader::open(built.folder()));
}
