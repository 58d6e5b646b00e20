// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/denial_sync.hpp"

#include <fmt/format.h>

#include "indicators/store.hpp"
#include "respond/respond_limits.hpp"
#include "support/recorded_tables.hpp"
#include "support/temp_dir.hpp"
#include "support/test.hpp"

namespace tocsin {
namespace {

using test::RecordedTables;
using test::TempDir;

constexpr WallNs kNow = 1'800'000'000LL * kNsPerSecond;

DnsEvent answer(const std::string& name, const std::vector<std::string>& addresses,
                std::uint32_t ttl_s = 60) {
  DnsEvent out;
  out.qname = name;
  out.qtype = "A";
  out.response = true;
  for (const auto& address : addresses)
    out.answers.push_back({.type = "A", .data = address, .ttl_s = ttl_s});
  return out;
}

// Real sets and rules; only the kernel's tables are in memory.
struct Bench {
  TempDir dir;
  VirtualClock clock;
  RecordedTables kernel;
  ResponsePolicy policy;
  IndicatorStore store = IndicatorStore::create({dir / "set.csv"}).value();
  DenialSync sync;

  explicit Bench(const std::vector<std::string>& lines, std::vector<std::string> allow = {},
                 std::vector<IpNetwork> spared = {}, std::size_t room = 1'000'000)
      : kernel(room),
        policy(
            ResponsePolicy::parse({.sets = {"s=deny"}, .severities = {}, .allow = allow}).value()),
        sync({.clock = clock, .kernel = kernel, .policy = policy, .spared = std::move(spared)}) {
    clock.set_boot_epoch(kNow - 1'000 * kNsPerSecond);
    clock.advance_to(kNow);
    load(lines);
  }
  void load(const std::vector<std::string>& lines) {
    std::string text = "# set: s\n# allow: loopback\n# allow: private\n";
    for (const auto& line : lines) text += line + "\n";
    test::write_file(dir / "set.csv", text);
    REQUIRE(store.reload(clock.wall_ns()));
    sync.apply(*store.current());
  }
  // As the pipeline does with an answer for a name of the set.
  void learn(const DnsEvent& event, const std::string& listed) {
    IndicatorMatch match{.indicator = {}, .field = "dns.question.name", .matched = event.qname};
    match.indicator.type = IndicatorType::kDomain;
    match.indicator.value = listed;
    match.indicator.set = "s";
    sync.learn(event, policy.decide({match}, clock.wall_ns()));
  }
  void pass(std::int64_t seconds) {
    clock.advance_to(clock.wall_ns() + seconds * kNsPerSecond);
    sync.tick();
  }
};

TEST_CASE("an address of a denied name is denied for its time, and a listed one for ever",
          "[respond]") {
  Bench bench({"domain,bad.example", "ip,203.0.113.9"});
  bench.learn(answer("www.bad.example", {"203.0.113.1", "203.0.113.9"}), "bad.example");
  CHECK(bench.kernel.denies("203.0.113.1"));
  CHECK(bench.kernel.denies("203.0.113.9"));
  bench.pass(400);  // five minutes at least
  CHECK_FALSE(bench.kernel.denies("203.0.113.1"));
  CHECK(bench.kernel.denies("203.0.113.9"));
  CHECK(bench.sync.counters().learned == 0);
}

TEST_CASE("forgetting a name leaves what an indicator says of its address", "[respond]") {
  Bench bench({"domain,bad.example", "ip,203.0.113.9"});
  bench.learn(answer("bad.example", {"203.0.113.1", "203.0.113.9"}), "bad.example");
  bench.load({"ip,203.0.113.9"});
  CHECK_FALSE(bench.kernel.denies("203.0.113.1"));
  CHECK(bench.kernel.denies("203.0.113.9"));
  // The other way round: the name's address stays when its own indicator goes.
  bench.load({"domain,bad.example", "ip,203.0.113.9"});
  bench.learn(answer("bad.example", {"203.0.113.9"}), "bad.example");
  bench.load({"domain,bad.example"});
  CHECK(bench.kernel.denies("203.0.113.9"));
}

TEST_CASE("an alias that is listed keeps its addresses over a reload", "[respond]") {
  Bench bench({"domain,bad.example"});
  bench.learn(answer("innocent.example", {"203.0.113.1"}), "bad.example");
  bench.load({"domain,bad.example", "domain,other.example"});
  CHECK(bench.kernel.denies("203.0.113.1"));
}

TEST_CASE("an answer that is not believed takes back what only it brought", "[respond]") {
  Bench bench({"domain,bad.example", "ip,203.0.113.9"}, {"203.0.113.20"});
  bench.learn(answer("bad.example", {"203.0.113.1"}), "bad.example");
  // The kernel side was faster.
  const DenialTables::Verdict deny{.until_ns = bench.clock.boot_ns() + kNsPerSecond * 300};
  for (const std::string text : {"203.0.113.2", "203.0.113.9"})
    REQUIRE(bench.kernel.deny({IpAddress::parse(text).value(), 32}, deny));
  bench.sync.take_back(
      answer("bad.example", {"203.0.113.1", "203.0.113.2", "203.0.113.9", "203.0.113.20"}));
  CHECK(bench.kernel.denies("203.0.113.1"));
  CHECK_FALSE(bench.kernel.denies("203.0.113.2"));
  CHECK(bench.kernel.denies("203.0.113.9"));
  CHECK(bench.kernel.verdict_for("203.0.113.9")->until_ns == 0);
  CHECK(bench.kernel.verdict_for("203.0.113.20")->act == DenialTables::Verdict::Act::kSpare);
}

TEST_CASE("what is allowed stays spared, whatever brings it up", "[respond]") {
  Bench bench(
      {"domain,bad.example", "cidr,203.0.113.0/24", "url,http://203.0.113.7/x,host-match=yes"},
      {"203.0.113.7"});
  CHECK(bench.kernel.denies("203.0.113.8"));
  CHECK_FALSE(bench.kernel.denies("203.0.113.7"));
  bench.learn(answer("bad.example", {"203.0.113.7"}), "bad.example");
  CHECK_FALSE(bench.kernel.denies("203.0.113.7"));
  bench.pass(400);
  CHECK_FALSE(bench.kernel.denies("203.0.113.7"));
}

TEST_CASE("special and guarded networks are spared for a name's sake, not a set's own",
          "[respond]") {
  const auto guarded = parse_network("198.51.100.53").value();
  Bench bench({"domain,bad.example", "ip,10.1.2.3"}, {}, {guarded});
  CHECK(bench.kernel.verdict_for("198.51.100.53")->act == DenialTables::Verdict::Act::kSpare);
  bench.learn(answer("bad.example", {"10.9.9.9", "198.51.100.53", "203.0.113.1"}), "bad.example");
  CHECK_FALSE(bench.kernel.denies("10.9.9.9"));
  CHECK_FALSE(bench.kernel.denies("198.51.100.53"));
  CHECK(bench.kernel.denies("203.0.113.1"));
  CHECK(bench.kernel.denies("10.1.2.3"));
  bench.load({"cidr,198.51.100.0/24"});
  CHECK(bench.kernel.denies("198.51.100.53"));
}

TEST_CASE("a reload puts differences only, and judges files anew for new content only",
          "[respond]") {
  const std::string digest = "sha256," + std::string(64, 'a');
  Bench bench({"ip,203.0.113.9", "domain,bad.example", digest});
  CHECK(bench.kernel.editions == 1);
  const auto changes = bench.kernel.changes;
  bench.clock.advance_to(bench.clock.wall_ns() + kNsPerSecond);
  bench.load({"ip,203.0.113.9", "domain,bad.example", digest});
  CHECK(bench.kernel.changes == changes);
  bench.load({"ip,203.0.113.9", "ip,203.0.113.10", "domain,bad.example"});
  CHECK(bench.kernel.changes == changes + 1);
  CHECK(bench.kernel.digests.empty());
  CHECK(bench.kernel.editions == 1);
}

TEST_CASE("indicators that expire one by one cost one walk over all of them a minute",
          "[respond]") {
  const auto row = [](const std::string& value, int minute, int second) {
    return fmt::format("{},expires=2027-01-15T08:{:02}:{:02}Z", value, minute, second);
  };
  std::vector<std::string> lines;
  for (int i = 0; i < 50; ++i) lines.push_back(row("ip,203.0.113." + std::to_string(i + 1), 2, i));
  Bench bench(lines);
  const auto at = [](int minute, int second) {
    return kNow + (std::int64_t{minute} * 60 + second) * kNsPerSecond;
  };
  CHECK(bench.sync.next_change_ns() == at(2, 0));
  bench.clock.advance_to(at(2, 0));
  bench.sync.apply(*bench.store.current());
  CHECK(bench.sync.counters().networks == 49);
  CHECK(bench.sync.next_change_ns() == at(3, 0));
  // The kernel side knows the time of each by itself.
  CHECK(bench.kernel.verdict_for("203.0.113.2")->until_ns == bench.clock.boot_ns() + kNsPerSecond);
  // What a reload brings is in force at once.
  bench.load({"ip,203.0.113.60"});
  CHECK(bench.kernel.denies("203.0.113.60"));
  CHECK(bench.sync.next_change_ns() == INT64_MAX);
  // The end of a block uncovers the wider one around it.
  bench.load({"cidr,198.51.100.0/24", row("cidr,198.51.100.0/28", 2, 10)});
  CHECK(bench.sync.next_change_ns() == at(2, 10));
}

TEST_CASE("what found no room is counted, and put when there is some", "[respond]") {
  Bench bench({}, {}, {}, /*room=*/14);  // 12 special networks
  bench.load({"ip,203.0.113.1", "ip,203.0.113.2", "ip,203.0.113.3"});
  CHECK(bench.sync.counters().left_out == 1);
  CHECK_FALSE(bench.kernel.denies("203.0.113.3"));
  bench.load({"ip,203.0.113.3"});
  CHECK(bench.sync.counters().left_out == 0);
  CHECK(bench.kernel.denies("203.0.113.3"));
}

TEST_CASE("one name cannot drive out the addresses of others", "[respond]") {
  Bench bench({"domain,bad.example", "domain,flood.example"});
  bench.learn(answer("bad.example", {"203.0.113.1"}), "bad.example");
  std::vector<std::string> many;
  for (std::size_t i = 0; i < limits::kLearnedOfNameMax + 10; ++i)
    many.push_back("198.18." + std::to_string(i / 256) + "." + std::to_string(i % 256));
  bench.learn(answer("flood.example", many, 600), "flood.example");
  CHECK(bench.sync.counters().learned == limits::kLearnedOfNameMax + 1);
  CHECK(bench.sync.counters().given_up == 10);
  CHECK(bench.kernel.denies("203.0.113.1"));
  CHECK(bench.kernel.denies(many.back()));
  CHECK_FALSE(bench.kernel.denies(many.front()));
}

TEST_CASE("addresses that only the kernel side put are swept when their time is over",
          "[respond]") {
  Bench bench({"domain,bad.example"});
  const DenialTables::Verdict deny{.until_ns = bench.clock.boot_ns() + kNsPerSecond};
  REQUIRE(bench.kernel.deny({IpAddress::parse("203.0.113.2").value(), 32}, deny));
  bench.pass(2);
  CHECK_FALSE(bench.kernel.verdict_for("203.0.113.2"));
  CHECK(bench.sync.counters().swept == 1);
}

}  // namespace
}  // namespace tocsin
