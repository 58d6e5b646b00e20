// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/killed_files.hpp"

#include "capture/capture_limits.hpp"
#include "indicators/store.hpp"
#include "support/recorded_tables.hpp"
#include "support/temp_dir.hpp"
#include "support/test.hpp"

namespace tocsin {
namespace {

using test::RecordedTables;
using test::TempDir;

constexpr WallNs kNow = 1'800'000'000LL * kNsPerSecond;  // 2027-01-15
const std::string kListed(64, 'a');
const std::string kMd5(32, 'b');

// Real sets and rules; only the kernel's tables are in memory.
struct Bench {
  TempDir dir;
  VirtualClock clock;
  RecordedTables kernel;
  ResponsePolicy policy;
  IndicatorStore store = IndicatorStore::create({dir / "set.csv"}).value();
  KilledFiles files;

  explicit Bench(const std::string& rule, std::vector<std::string> allow = {})
      : policy(ResponsePolicy::parse({.sets = {rule}, .severities = {}, .allow = allow}).value()),
        files({.clock = clock,
               .kernel = kernel,
               .policy = policy,
               .is_vital = [](const DenialTables::File& file) { return file.ino == 1; }}) {
    clock.set_boot_epoch(kNow - 1'000 * kNsPerSecond);
    clock.advance_to(kNow);
    load({"sha256," + kListed, "md5," + kMd5});
  }
  void load(const std::vector<std::string>& lines) {
    std::string text = "# set: s\n";
    for (const auto& line : lines) text += line + "\n";
    test::write_file(dir / "set.csv", text);
    REQUIRE(store.reload(clock.wall_ns()));
    files.apply(*store.current());
  }
  void add(std::uint64_t ino, const std::string& sha256) {
    FileDigests digests{.sha256 = Sha256::parse(sha256).value(), .sha1 = {}, .md5 = {}};
    digests.md5 = Md5::parse(kMd5);
    files.add({.ino = ino, .size = 10}, digests, *store.current());
  }
};

TEST_CASE("a file that is forgotten is executed again", "[respond]") {
  Bench bench("s=kill");
  bench.add(7, kListed);
  CHECK(bench.files.forget({.ino = 7, .size = 10}));
  CHECK(bench.kernel.files.empty());
  CHECK(bench.files.counters().files == 0);
  CHECK_FALSE(bench.files.forget({.ino = 7, .size = 10}));
}

TEST_CASE("a file is killed while its content is listed, and not any longer", "[respond]") {
  Bench bench("s=kill");
  bench.add(7, kListed);
  CHECK(bench.kernel.files.size() == 1);
  bench.load({"md5," + kMd5});  // listed still, by its other digest
  CHECK(bench.kernel.files.size() == 1);
  bench.load({"sha256," + std::string(64, 'c')});
  CHECK(bench.kernel.files.empty());
  CHECK(bench.files.counters().files == 0);
  bench.add(8, kListed);
  CHECK(bench.kernel.files.empty());
}

TEST_CASE("a rule's and an indicator's end are the file's", "[respond]") {
  Bench bench("s=kill@2027-02-01");
  bench.add(7, kListed);
  const auto rule_ends = 1'801'440'000LL * kNsPerSecond;
  CHECK(bench.files.next_change_ns() == rule_ends);
  CHECK(bench.kernel.files.begin()->second.until_ns ==
        static_cast<BootNs>(rule_ends - kNow) + bench.clock.boot_ns());
  bench.load({"sha256," + kListed + ",expires=2027-01-20"});
  CHECK(bench.files.next_change_ns() < rule_ends);
  bench.clock.advance_to(bench.files.next_change_ns());
  bench.files.apply(*bench.store.current());
  CHECK(bench.kernel.files.empty());
}

TEST_CASE("an allowed SHA-256 is not killed for its MD5", "[respond]") {
  const std::string allowed(64, 'd');
  Bench bench("s=deny", {allowed});
  bench.add(7, allowed);
  CHECK(bench.kernel.files.empty());
  bench.add(8, std::string(64, 'e'));
  CHECK(bench.kernel.files.size() == 1);
}

TEST_CASE("what the host cannot do without is not killed, and the limit is counted", "[respond]") {
  Bench bench("s=kill");
  bench.add(1, kListed);
  CHECK(bench.kernel.files.empty());
  CHECK(bench.files.counters().vital == 1);
  for (std::uint64_t ino = 2; ino < limits::kBadFilesMax + 3; ++ino) bench.add(ino, kListed);
  CHECK(bench.kernel.files.size() == limits::kBadFilesMax);
  CHECK(bench.files.counters().left_out == 1);
}

}  // namespace
}  // namespace tocsin
