// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/responder.hpp"

#include "detect/indicator_match.hpp"
#include "support/recorded_tables.hpp"
#include "support/temp_dir.hpp"
#include "support/test.hpp"

namespace tocsin {
namespace {

using test::RecordedTables;
using test::TempDir;

constexpr WallNs kNow = 1'800'000'000LL * kNsPerSecond;
constexpr std::uint32_t kNet = 7;
constexpr ProcessId kCurl{100, 5}, kRelay{9, 1};
const std::string kAddress = "203.0.113.1";

// Real sets, rules and names; only the kernel's tables are in memory.
struct Bench {
  TempDir dir;
  VirtualClock clock;
  RecordedTables kernel;
  IndicatorStore store = IndicatorStore::create({dir / "set.csv"}).value();
  NameCache names;
  std::unique_ptr<Responder> responder;

  explicit Bench(const std::vector<std::string>& lines, std::vector<std::string> allow = {}) {
    clock.set_boot_epoch(kNow - 1'000 * kNsPerSecond);
    clock.advance_to(kNow);
    write(lines);
    responder = std::make_unique<Responder>(Responder::Parts{
        .clock = clock,
        .indicators = store,
        .kernel = kernel,
        .policy =
            ResponsePolicy::parse({.sets = {"s=deny"}, .severities = {}, .allow = std::move(allow)})
                .value(),
        .is_own = [](ProcessId process) { return process == kRelay; }});
    responder->set_names(names);
  }
  void write(const std::vector<std::string>& lines) {
    std::string text = "# set: s\n# allow: loopback\n# allow: private\n";
    for (const auto& line : lines) text += line + "\n";
    test::write_file(dir / "set.csv", text);
    REQUIRE(store.reload(clock.wall_ns()));
  }
  void list(const std::vector<std::string>& lines) {
    write(lines);
    responder->indicators_changed();
  }
  void resolve(const std::string& name, const std::string& address = kAddress,
               ProcessId who = kCurl) {
    DnsEvent answer;
    answer.head = {clock.wall_ns(), who, 0};
    answer.qname = name;
    answer.qtype = "A";
    answer.response = true;
    answer.net_ns = kNet;
    answer.answers = {{.type = "A", .data = address, .ttl_s = 60, .owner = name}};
    names.learn(answer, who == kRelay);
  }
  void say(const std::string& host, const std::string& address = kAddress) {
    HelloEvent hello;
    hello.head = {clock.wall_ns(), kCurl, 0};
    hello.remote = {*IpAddress::parse(address), 443};
    hello.host = host;
    hello.net_ns = kNet;
    names.learn(hello);
  }
  // A contact that was let through, as the pipeline tells of it: weak, under a stale name.
  void contact(const std::string& address = kAddress) {
    ConnectEvent event;
    event.head = {clock.wall_ns(), kCurl, 0};
    event.remote = {*IpAddress::parse(address), 443};
    event.net_ns = kNet;
    (void)responder->on_contact({}, event, true);
  }
  void pass(std::int64_t seconds) {
    for (std::int64_t i = 0; i < seconds; ++i) {
      clock.advance_to(clock.wall_ns() + kNsPerSecond);
      responder->tick();
    }
  }
  [[nodiscard]] bool denies(const std::string& address = kAddress) const {
    return kernel.denies(address);
  }
};

}  // namespace

TEST_CASE("an address stays denied as long as the denied name is the latest of it", "[respond]") {
  Bench bench({"domain,bad.example"});
  bench.resolve("www.bad.example");
  bench.contact();
  CHECK(bench.denies());
  bench.pass(301);  // longer than the least life of a denial
  CHECK(bench.denies());
  bench.pass(900);
  CHECK(bench.denies());
  bench.resolve("good.example");  // the address changed hands
  bench.pass(301);
  CHECK_FALSE(bench.denies());
}

TEST_CASE("a contact under a name that is older than its denial is the last", "[respond]") {
  Bench bench({"domain,bad.example"});
  bench.resolve("bad.example");
  bench.pass(3'600);
  CHECK_FALSE(bench.denies());
  bench.contact();
  CHECK(bench.denies());
}

TEST_CASE("a name that is listed after it was resolved is denied at once", "[respond]") {
  Bench bench({"domain,other.example"});
  bench.resolve("www.bad.example");
  bench.resolve("fine.example", "203.0.113.2");
  bench.pass(3'600);
  bench.list({"domain,bad.example"});
  CHECK(bench.denies());
  CHECK_FALSE(bench.denies("203.0.113.2"));
  bench.list({"domain,other.example"});
  CHECK_FALSE(bench.denies());
}

TEST_CASE("a shared address is denied under its latest name only", "[respond]") {
  Bench bench({"domain,bad.example"});
  bench.resolve("bad.example");
  bench.pass(600);
  bench.resolve("good.example");
  bench.list({"domain,bad.example"});
  bench.contact();
  CHECK_FALSE(bench.denies());
}

TEST_CASE("a name in a hello and what tocsin asked itself deny nothing", "[respond]") {
  Bench bench({"domain,bad.example"});
  bench.say("bad.example");
  bench.resolve("bad.example", "203.0.113.2", kRelay);
  bench.list({"domain,bad.example"});
  bench.contact();
  bench.contact("203.0.113.2");
  CHECK_FALSE(bench.denies());
  CHECK_FALSE(bench.denies("203.0.113.2"));
}

TEST_CASE("what is allowed or special stays spared, whatever it was called", "[respond]") {
  Bench bench({"domain,bad.example"}, {"203.0.113.9", "fine.bad.example"});
  bench.resolve("bad.example", "203.0.113.9");
  bench.resolve("fine.bad.example", "203.0.113.8");
  bench.resolve("bad.example", "10.1.2.3");
  bench.resolve("bad.example", "64:ff9b::10.1.2.4");
  bench.list({"domain,bad.example"});
  for (const std::string address :
       {"203.0.113.9", "203.0.113.8", "10.1.2.3", "64:ff9b::10.1.2.4"}) {
    INFO(address);
    bench.contact(address);
    CHECK_FALSE(bench.denies(address));
  }
}

TEST_CASE("a file that is not listed any more though it looks the same is let run", "[respond]") {
  Bench bench({"sha256," + std::string(64, 'a')});
  const auto bad =
      FileDigests{.sha256 = *Sha256::parse(std::string(64, 'a')), .sha1 = {}, .md5 = {}};
  ExecEvent exec;
  exec.file = {.ino = 5, .size = 10, .mtime_ns = 3};
  exec.killed = true;
  Process process;
  const auto matches = match_digests(*bench.store.current(), bad, "process.hash", kNow);
  REQUIRE(matches.size() == 1);
  CHECK(bench.responder->on_content({matches, bad}, process, exec, true));
  CHECK(bench.kernel.files.size() == 1);
  bench.responder->on_innocent(exec.file, "/tmp/x");
  CHECK(bench.kernel.files.empty());
}

TEST_CASE("who maps a listed library is killed, and the kernel kills the next one", "[respond]") {
  Bench bench({"sha256," + std::string(64, 'a')});
  const auto bad =
      FileDigests{.sha256 = *Sha256::parse(std::string(64, 'a')), .sha1 = {}, .md5 = {}};
  const auto matches = match_digests(*bench.store.current(), bad, "dll.hash", kNow);
  REQUIRE(matches.size() == 1);
  ModuleLedger::Mapped mapped;
  mapped.file = {.ino = 5, .size = 10, .mtime_ns = 3};
  Process process;  // there is none such: it ended
  const auto late = bench.responder->on_library({matches, bad}, &process, mapped);
  REQUIRE(late);
  CHECK(late->result == ResponseResult::kFailed);
  REQUIRE(bench.kernel.files.size() == 1);
  CHECK(bench.kernel.files.begin()->first ==
        DenialTables::File{.ino = 5, .size = 10, .mtime_ns = 3});
  CHECK(bench.kernel.files.begin()->second.act == DenialTables::Verdict::Act::kDeny);
  mapped.killed = true;
  const auto next = bench.responder->on_library({matches, bad}, nullptr, mapped);
  REQUIRE(next);
  CHECK(next->action == ResponseAction::kKill);
  CHECK(next->result == ResponseResult::kDone);
  CHECK(bench.responder->counters().killed == 1);
  bench.responder->on_innocent(mapped.file, "/tmp/x.so");
  CHECK(bench.kernel.files.empty());
}

}  // namespace tocsin
