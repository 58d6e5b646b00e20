// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/history_feed.hpp"

#include <fmt/format.h>

#include "history/hunt.hpp"
#include "unit/history/damage.hpp"

namespace tocsin::test {
namespace {

struct Bench {
  TempDir dir;
  std::string folder;
  std::string seen = folder + "/seen.db";
  std::shared_ptr<VirtualClock> clock = history_clock();
  HistoryStore store{history_options(folder)};
  CgroupTable cgroups{"/nonexistent"};
  ProcessTable processes;
  HistoryFeed feed{{.clock = *clock, .store = store, .cgroups = cgroups, .processes = processes}};

  Bench() : folder(dir.file("history")) {}
  explicit Bench(std::string there) : folder(std::move(there)) {}

  std::int64_t number(const std::string& sql) {
    REQUIRE(store.flush_wait(kSoon));
    return number_in(seen, sql);
  }
};

Subject program(std::uint32_t pid, bool hashed) {
  auto process = std::make_shared<Process>();
  process->id = {pid, pid * 10ULL};
  process->image = std::make_shared<Image>();
  auto& exec = process->image->exec;
  exec.head = {kNoon, process->id, 0};
  exec.path = "/usr/bin/tool";
  exec.uid = 12345;
  if (hashed) process->image->hash.digests = FileDigests{};
  process->image->hash.rung = hashed ? HashRung::kProcExe : HashRung::kNone;
  process->image->hash_pending = !hashed;
  return {process, process->image};
}

ConnectEvent contact_of(const Subject& subject) {
  ConnectEvent event;
  event.head = {kNoon, subject.process->id, 0};
  event.cookie = 99;
  event.remote = {*IpAddress::parse("192.0.2.1"), 443};
  event.protocol = 6;
  return event;
}

std::string flag(SeenFlag flag) {
  return std::to_string(static_cast<std::uint32_t>(flag));
}

TEST_CASE("a contact is filed with its names, its outcome and its program", "[history]") {
  Bench bench;
  const auto subject = program(7, true);
  std::vector<NameCandidate> names(2);
  names[0].name = "www.evil.com";
  names[1].name = "other.example";
  bench.feed.on_contact(contact_of(subject), subject, names);
  ConnectResultEvent result;
  result.head = {kNoon + 1, subject.process->id, 0};
  result.cookie = 99;
  result.remote = {*IpAddress::parse("192.0.2.1"), 443};
  result.result = ConnectResult::kRefused;
  bench.feed.on_contact_result(result, subject);
  CHECK(bench.number("SELECT count FROM seen WHERE kind=5") == 1);
  CHECK(bench.number("SELECT flags=" + flag(SeenFlag::kRefused) +
                     " FROM seen WHERE kind=5 AND length(subject)=32") == 1);
  CHECK(bench.number("SELECT flags=" + flag(SeenFlag::kContacted) +
                     " FROM seen WHERE value=CAST('com.evil.www' AS BLOB)") == 1);
  CHECK(bench.number("SELECT flags=" + flag(SeenFlag::kMaybeMeant) +
                     " FROM seen WHERE value=CAST('example.other' AS BLOB)") == 1);
  CHECK(bench.number("SELECT count(*) FROM who WHERE json_extract(facts,'$.uid')=12345 AND "
                     "json_extract(facts,'$.path')='/usr/bin/tool'") == 1);
  const auto day = bench.folder + "/day-2026-11-26.db";
  CHECK(number_in(day, "SELECT count(*) FROM event") == 1);
  CHECK(number_in(day,
                  "SELECT count(*) FROM event JOIN text ON text.id=result WHERE "
                  "text.value=CAST('refused' AS BLOB)") == 1);
}

TEST_CASE("what happens before the digest is known waits for it", "[history]") {
  Bench bench;
  const auto subject = program(7, false);
  bench.feed.on_contact(contact_of(subject), subject, {});
  CHECK(bench.number("SELECT count(*) FROM seen") == 0);
  CHECK(bench.feed.counters().held == 1);
  subject.image->hash.digests = FileDigests{};
  subject.image->hash_pending = false;
  bench.feed.on_program(subject);
  CHECK(bench.number("SELECT count(*) FROM seen WHERE kind=5 AND length(subject)=32 AND flags&" +
                     flag(SeenFlag::kUnhashed) + "=0") == 1);
  CHECK(bench.number("SELECT count(*) FROM seen WHERE kind=1") == 1);
  CHECK(bench.number("SELECT count(*) FROM content") == 1);
  CHECK(bench.feed.counters().unhashed == 0);
}

TEST_CASE("what waits too long is filed under the path, flagged", "[history]") {
  Bench bench;
  const auto subject = program(7, false);
  bench.feed.on_contact(contact_of(subject), subject, {});
  bench.clock->advance_to(kNoon + 9 * kSecond);
  bench.feed.tick();
  CHECK(bench.number("SELECT count(*) FROM seen") == 0);
  bench.clock->advance_to(kNoon + 11 * kSecond);
  bench.feed.tick();
  CHECK(bench.number("SELECT count(*) FROM seen WHERE subject=CAST('/usr/bin/tool' AS BLOB) AND "
                     "flags&" +
                     flag(SeenFlag::kUnhashed)) == 1);
  CHECK(bench.feed.counters().unhashed == 1);
}

TEST_CASE("a program is counted once for each execution, by outcome", "[history]") {
  Bench bench;
  for (std::uint32_t pid = 1; pid <= 3; ++pid) {
    const auto subject = program(pid, true);
    bench.feed.on_program(subject);
    bench.feed.on_program(subject);  // judged again after new indicators
  }
  auto before = program(9, true);
  before.image->from_procfs = true;
  bench.feed.on_program(before);
  CHECK(bench.number("SELECT count FROM seen WHERE kind=1") == 4);
  CHECK(bench.number("SELECT flags FROM seen WHERE kind=1") ==
        static_cast<std::int64_t>(SeenFlag::kRunningBefore));
  CHECK(bench.number("SELECT sum(count) FROM hashed WHERE outcome='proc-exe'") == 3);
  // Who did it is the same, process by process.
  CHECK(bench.number("SELECT count(*) FROM who") == 1);
}

TEST_CASE("a library's content is kept under each of its digests and its path", "[history]") {
  Bench bench;
  const auto subject = program(7, true);
  ModuleEvent event;
  event.head = {kNoon, subject.process->id, 0};
  event.path = "/opt/app/lib.so";
  event.file.ino = 5;
  event.file.size = 77;
  HashResult hash;
  hash.digests = FileDigests{};
  hash.digests->sha256.bytes[0] = 1;
  hash.digests->sha1 = Sha1{};
  hash.digests->md5 = Md5{};
  event.sha256 = hash.digests->sha256;
  bench.feed.on_module(event, subject, hash);
  REQUIRE(bench.number("SELECT count(*) FROM seen WHERE kind=3") == 1);
  CHECK(number_in(bench.seen, "SELECT size FROM content WHERE path='/opt/app/lib.so'") == 77);
  auto reader = HistoryReader::open(bench.folder);
  REQUIRE(reader);
  for (const auto* typed : {"0000000000000000000000000000000000000000",
                            "00000000000000000000000000000000", "/opt/app/lib.so"}) {
    CAPTURE(typed);
    const auto value = parse_hunt_value(typed);
    REQUIRE(value);
    const auto report = hunt(*reader, {*value}, {.since_ns = {}, .now_ns = kNoon + kSecond});
    REQUIRE(report);
    CHECK(report->results[0].verdict == Verdict::kSeen);
  }
}

// A program in the process table, with its digest.
Subject started(Bench& bench, std::uint32_t pid) {
  const auto made = program(pid, true);
  auto process = bench.processes.on_exec(made.image->exec);
  process->image->hash = made.image->hash;
  bench.feed.on_program({process, process->image});
  return {process, process->image};
}

TEST_CASE("a program that runs on is a sighting of today", "[history]") {
  Bench bench;
  const auto subject = started(bench, 7);
  CHECK(bench.number("SELECT last_ns FROM seen WHERE kind=1") == kNoon);
  const auto now = kNoon + 8 * kDay;
  bench.clock->advance_to(now);
  bench.feed.tick();
  CHECK(bench.number("SELECT last_ns FROM seen WHERE kind=1") == now);
  CHECK(number_in(bench.seen, "SELECT first_ns FROM seen WHERE kind=1") == kNoon);
  CHECK(number_in(bench.seen, "SELECT count FROM seen WHERE kind=1") == 1);
  CHECK(number_in(bench.seen, "SELECT flags FROM seen WHERE kind=1") == 0);
  auto reader = HistoryReader::open(bench.folder);
  REQUIRE(reader);
  const auto value = parse_hunt_value(Sha256{}.hex());
  REQUIRE(value);
  const auto report =
      hunt(*reader, {*value}, {.since_ns = now - 7 * kDay, .now_ns = now + kSecond});
  REQUIRE(report);
  CHECK(report->results[0].verdict == Verdict::kSeen);
  // Not any more when it has ended.
  bench.processes.on_exit({{now, subject.process->id, 0}, 0}, bench.clock->boot_ns());
  bench.clock->advance_to(now + kDay);
  bench.feed.tick();
  CHECK(bench.number("SELECT last_ns FROM seen WHERE kind=1") == now);
}

TEST_CASE("what runs is told again to a file that was begun anew", "[history]") {
  const TempDir dir;
  const auto folder = dir.file("history");
  REQUIRE(HistoryStore(history_options(folder)).stop(kSoon));
  damage(folder + "/seen.db", "lost");
  Bench bench(folder);
  started(bench, 7);
  CHECK(bench.number("SELECT count(*) FROM content") == 1);
  bench.feed.on_loss({.time_ns = kNoon, .stage = "ring/exec", .count = 1});
  CHECK(bench.number("SELECT count(*) FROM seen") == 0);
  bench.clock->advance_to(kNoon + kSecond);
  bench.feed.tick();
  CHECK(bench.number("SELECT count(*) FROM content") == 1);
  CHECK(bench.number("SELECT flags FROM seen WHERE kind=1") ==
        static_cast<std::int64_t>(SeenFlag::kRunningBefore));
}

TEST_CASE("names: question, answer, alias, hello; tocsin's own are no sightings", "[history]") {
  Bench bench;
  const auto subject = program(7, true);
  auto relay = program(8, true);
  relay.own = true;
  DnsEvent dns;
  dns.head = {kNoon, subject.process->id, 0};
  dns.qname = "a.example";
  bench.feed.on_dns(dns, subject);
  dns.rcode = "NOERROR";
  dns.answers.push_back({"CNAME", "b.example", 60});
  bench.feed.on_dns(dns, subject);
  HelloEvent hello;
  hello.head = dns.head;
  hello.kind = HelloKind::kQuic;
  hello.host = "a.example";
  bench.feed.on_hello(hello, subject);
  dns.qname = "listed.example";
  bench.feed.on_dns(dns, relay);
  CHECK(bench.number("SELECT count FROM seen WHERE value=CAST('example.a' AS BLOB)") == 2);
  CHECK(bench.number("SELECT flags FROM seen WHERE value=CAST('example.a' AS BLOB)") ==
        (static_cast<std::int64_t>(SeenFlag::kAsked) |
         static_cast<std::int64_t>(SeenFlag::kAnswered) |
         static_cast<std::int64_t>(SeenFlag::kQuicHello)));
  CHECK(bench.number("SELECT flags FROM seen WHERE value=CAST('example.b' AS BLOB)") ==
        static_cast<std::int64_t>(SeenFlag::kAnswered));
  CHECK(bench.number("SELECT count(*) FROM seen") == 2);
}

}  // namespace
}  // namespace tocsin::test
