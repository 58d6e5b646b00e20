// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "relay/spool.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "relay/webhook_limits.hpp"
#include "support/temp_dir.hpp"
#include "support/test.hpp"

using namespace tocsin;
using namespace tocsin::relay;
using test::TempDir;

namespace {

constexpr std::uint64_t kRoomy = 1024 * 1024;
constexpr WallNs kNow = 1'764'000'000'000'000'000;

Spool open(const TempDir& dir, std::uint64_t bytes_max = kRoomy) {
  auto spool = Spool::open(dir.file("spool.db"), bytes_max, kNow);
  if (!spool) throw std::runtime_error(spool.error().message);
  return std::move(*spool);
}

SpooledAlert alert(int n, Severity severity = Severity::kHigh, std::size_t bytes = 100) {
  return {.seq = 0,
          .id = "A" + std::to_string(n),
          .severity = severity,
          .json = std::string(bytes, 'x'),
          .time_ns = 0};
}

void add(Spool& spool, int from, int to) {
  std::vector<SpooledAlert> batch;
  for (int n = from; n < to; ++n) batch.push_back(alert(n));
  REQUIRE(spool.add(batch, kNow));
}

std::string next_id(Spool& spool, const std::string& receiver) {
  const auto next = spool.next(receiver);
  REQUIRE(next);
  return *next ? (*next)->id : "none";
}

void deliver(Spool& spool, const std::string& receiver) {
  const auto next = spool.next(receiver);
  REQUIRE(next);
  REQUIRE(*next);
  REQUIRE(spool.settle(receiver, (*next)->seq, Spool::Settled::kDelivered));
}

}  // namespace

TEST_CASE("each receiver gets each alert, in order, at its own pace", "[spool]") {
  const TempDir dir;
  auto spool = open(dir);
  REQUIRE(spool.set_receivers({{"fast"}, {"slow"}}, true, kNow));
  add(spool, 0, 3);
  for (const auto* id : {"A0", "A1", "A2", "none"}) {
    CHECK(next_id(spool, "fast") == id);
    if (std::string_view(id) != "none") deliver(spool, "fast");
  }
  CHECK(next_id(spool, "slow") == "A0");
  CHECK(spool.counts("slow")->waiting == 3);
  CHECK(spool.counts("fast")->delivered == 3);
  CHECK(spool.counts("fast")->waiting == 0);
  const auto first = spool.next("slow");
  REQUIRE(spool.settle("slow", (*first)->seq, Spool::Settled::kRefused));
  CHECK(spool.counts("slow")->refused == 1);
  CHECK(next_id(spool, "slow") == "A1");
}

TEST_CASE("an alert that comes again is there once, and the place is the last's", "[spool]") {
  const TempDir dir;
  auto spool = open(dir);
  REQUIRE(spool.set_receivers({{"a"}}, true, kNow));
  CHECK(spool.place().after.empty());
  CHECK(spool.place().since_ns == kNow);
  add(spool, 0, 2);
  add(spool, 0, 3);
  CHECK(spool.place().after == "A2");
  CHECK(spool.counts("a")->waiting == 3);
}

TEST_CASE("the place to go on follows the alerts, not the beginning", "[spool]") {
  const TempDir dir;
  constexpr WallNs kHour = 3'600 * kNsPerSecond;
  const auto take = [](Spool& spool, int n, WallNs time, WallNs now) {
    auto one = alert(n);
    one.time_ns = time;
    REQUIRE(spool.add(std::vector{one}, now));
  };
  {
    auto spool = open(dir);
    REQUIRE(spool.set_receivers({{"a"}}, true, kNow));
    take(spool, 0, kNow + kNsPerSecond, kNow + kHour);
    CHECK(spool.place().since_ns == kNow);  // nothing from before the beginning
    take(spool, 1, kNow + kHour, kNow + kHour);
    take(spool, 2, kNow + kHour / 2, kNow + kHour);  // told late
    take(spool, 3, 0, kNow + kHour);                 // its time cannot be read
  }
  auto spool = open(dir);
  CHECK(spool.place().after == "A3");
  CHECK(spool.place().since_ns == kNow + kHour - limits::kPlaceMarginNs);
  // The clock was ahead: the place does not stay in the future.
  take(spool, 4, kNow + 9 * kHour, kNow + 9 * kHour);
  take(spool, 5, kNow + 2 * kHour, kNow + 2 * kHour);
  CHECK(spool.place().since_ns == kNow + 2 * kHour);
}

TEST_CASE("a receiver gets what is loud enough for it", "[spool]") {
  const TempDir dir;
  auto spool = open(dir);
  REQUIRE(spool.set_receivers({{"all"}, {"loud", Severity::kCritical}}, true, kNow));
  REQUIRE(spool.add(std::vector{alert(0), alert(1, Severity::kCritical), alert(2)}, kNow));
  CHECK(next_id(spool, "loud") == "A1");
  deliver(spool, "loud");
  CHECK(next_id(spool, "loud") == "none");
  for (int i = 0; i < 3; ++i) deliver(spool, "all");
  CHECK(next_id(spool, "all") == "none");
  // Only a quiet receiver left: what is not for it is not kept, but it has been taken.
  REQUIRE(spool.set_receivers({{"loud", Severity::kCritical}}, true, kNow));
  REQUIRE(spool.add(std::vector{alert(3)}, kNow));
  CHECK(spool.place().after == "A3");
  CHECK(spool.counts("loud")->waiting == 0);
}

TEST_CASE("a full spool drops the oldest, for each receiver that had it not", "[spool]") {
  const TempDir dir;
  auto spool = open(dir, 1'000);
  REQUIRE(spool.set_receivers({{"quick"}, {"down"}}, true, kNow));
  add(spool, 0, 5);
  deliver(spool, "quick");
  deliver(spool, "quick");
  add(spool, 5, 13);  // 13 of 100 bytes: three must go
  CHECK(spool.counts("down")->dropped == 3);
  CHECK(spool.counts("quick")->dropped == 1);
  CHECK(spool.counts("down")->waiting == 10);
  CHECK(next_id(spool, "down") == "A3");
  CHECK(next_id(spool, "quick") == "A3");
  // One that is larger than the spool is kept alone: the newest is worth most.
  REQUIRE(spool.add(std::vector{alert(99, Severity::kHigh, 5'000)}, kNow));
  CHECK(next_id(spool, "down") == "A99");
  // What went for room while it was on its way does no harm when it arrives.
  CHECK(spool.settle("down", 1, Spool::Settled::kDelivered));
  CHECK(next_id(spool, "down") == "A99");
}

TEST_CASE("receivers come and go", "[spool]") {
  const TempDir dir;
  auto spool = open(dir);
  REQUIRE(spool.set_receivers({{"a"}}, true, kNow));
  add(spool, 0, 2);
  REQUIRE(spool.set_receivers({{"a"}, {"new"}}, true, kNow));
  CHECK(next_id(spool, "new") == "none");  // nothing old for it
  add(spool, 2, 3);
  CHECK(next_id(spool, "new") == "A2");
  // A file with a fault names fewer: nobody is forgotten.
  REQUIRE(spool.set_receivers({{"new"}}, false, kNow));
  CHECK(spool.counts("a")->waiting == 3);
  REQUIRE(spool.set_receivers({{"new"}}, true, kNow));
  CHECK(spool.counts("a")->waiting == 0);
  CHECK(spool.counts("new")->waiting == 1);
  // Without any, and later again with one: taking begins anew.
  REQUIRE(spool.set_receivers({}, true, kNow));
  REQUIRE(spool.set_receivers({{"late"}}, true, kNow + 5));
  CHECK(spool.place().after.empty());
  CHECK(spool.place().since_ns == kNow + 5);
}

TEST_CASE("what was taken outlives a killed process", "[spool]") {
  const TempDir dir;
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    auto spool = Spool::open(dir.file("spool.db"), kRoomy, kNow);
    const std::vector batch{alert(0), alert(1), alert(2)};
    const bool done = spool && spool->set_receivers({{"a"}}, true, kNow) &&
                      spool->add(batch, kNow) && spool->settle("a", 1, Spool::Settled::kDelivered);
    if (done) kill(getpid(), SIGKILL);
    _exit(1);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE((WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL));
  auto spool = open(dir);
  CHECK(spool.place().after == "A2");
  CHECK(next_id(spool, "a") == "A1");
  CHECK(spool.counts("a")->delivered == 1);
}

TEST_CASE("a damaged spool is put aside, one of a later version is left alone", "[spool]") {
  const TempDir dir;
  dir.write("spool.db", std::string(8'192, 'x'));
  {
    const auto spool = open(dir);
    CHECK(spool.remark().find("put aside") != std::string::npos);
  }
  CHECK(std::filesystem::file_size(dir.file("spool.db.damaged")) == 8'192);
  CHECK(open(dir).remark().empty());
  {
    auto database = Database::open(dir.file("spool.db"), {.mode = Database::Mode::kCreate});
    REQUIRE(database);
    REQUIRE(database->run("PRAGMA user_version=2"));
  }
  const auto later = Spool::open(dir.file("spool.db"), kRoomy, kNow);
  REQUIRE_FALSE(later);
  CHECK(later.error().code == ErrorCode::kUnsupported);
}
