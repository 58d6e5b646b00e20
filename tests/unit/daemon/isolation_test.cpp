// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/isolation.hpp"

#include "support/temp_dir.hpp"
#include "support/test.hpp"

namespace tocsin {
namespace {

using test::TempDir;

constexpr WallNs kNow = 1'800'000'000LL * kNsPerSecond;
constexpr std::int64_t kHour = 3'600 * kNsPerSecond;

class RecordedSwitch final : public IsolationSwitch {
 public:
  Result<void> isolate(const Isolation& isolation,
                       std::span<const DenialTables::Network>) override {
    until_ns = isolation.until_ns;
    return {};
  }
  void isolate_instead(std::uint64_t) override {}
  void release() override { until_ns = 0; }
  [[nodiscard]] bool isolated(BootNs now) const override { return now < until_ns; }
  [[nodiscard]] std::uint64_t isolation_refused() const override { return 0; }

  BootNs until_ns = 0;
};

// One life of the daemon: it begins with the given wall time, 100 s after the boot.
struct Life {
  VirtualClock clock;
  RecordedSwitch kernel;
  std::vector<std::string> told;
  IsolationDesk desk;

  Life(const TempDir& dir, WallNs wall)
      : desk({.clock = clock,
              .kernel = kernel,
              .cgroup_mount = {},
              .file = dir / "isolation.json",
              .always = {},
              .packets = true,
              .refuses = true,
              .tell = [this](std::string what) { told.push_back(std::move(what)); }}) {
    clock.set_boot_epoch(wall - 100 * kNsPerSecond);
    clock.advance_to(wall);
    desk.resume();
  }
  void isolate(bool keep) {
    REQUIRE(desk.isolate({.allow = {}, .cgroup = {}, .for_ns = kHour, .keep = keep}));
  }
  void pass(std::int64_t seconds) {
    for (std::int64_t i = 0; i < seconds; ++i) {
      clock.advance_to(clock.wall_ns() + kNsPerSecond);
      desk.tick();
    }
  }
  [[nodiscard]] std::int64_t left_s() const {
    const auto now = clock.boot_ns();
    return kernel.until_ns > now ? static_cast<std::int64_t>((kernel.until_ns - now) / kNsPerSecond)
                                 : 0;
  }
  [[nodiscard]] bool says(std::string_view words) const {
    return std::ranges::any_of(
        told, [&](const auto& text) { return text.find(words) != std::string::npos; });
  }
};

}  // namespace

TEST_CASE("an isolation that is kept lasts as long as it was asked for", "[isolation]") {
  const TempDir dir;
  {
    Life first(dir, kNow);
    first.isolate(true);
    CHECK(first.left_s() == 3'600);
  }
  Life second(dir, kNow + kHour / 4);
  CHECK(second.left_s() == 2'700);
  CHECK(second.says("is isolated again"));
}

TEST_CASE("a clock that is behind after a reboot does not lengthen an isolation", "[isolation]") {
  const TempDir dir;
  {
    Life first(dir, kNow);
    first.isolate(true);
    first.pass(600);
  }
  const WallNs epoch = 200 * kNsPerSecond;  // 1970
  for (const std::int64_t at_most : {3'000, 2'400, 1'800}) {
    Life again(dir, epoch);
    CHECK(again.left_s() <= at_most);
    CHECK(again.left_s() >= at_most - 120);
    again.pass(600);  // and a host that boots again and again comes to the end of it
  }
  Life right(dir, kNow + 2 * kHour);
  CHECK(right.left_s() == 0);
  CHECK(right.says("its time is over"));
}

TEST_CASE("a crash under an isolation that was not kept is told at the next start", "[isolation]") {
  const TempDir dir;
  {
    Life crashed(dir, kNow);
    crashed.isolate(false);
  }
  {
    Life next(dir, kNow + kNsPerSecond);
    CHECK(next.says("OPEN since then"));
    CHECK(next.left_s() == 0);
  }
  Life after(dir, kNow + 2 * kNsPerSecond);
  CHECK(after.told.empty());
}

TEST_CASE("a stop and a release that were told leave nothing to tell", "[isolation]") {
  const TempDir dir;
  {
    Life stopped(dir, kNow);
    stopped.isolate(false);
    stopped.desk.stop();
    CHECK(stopped.says("OPEN again from now on"));
  }
  {
    Life released(dir, kNow);
    CHECK(released.told.empty());
    released.isolate(true);
    REQUIRE(released.desk.release());
  }
  CHECK(Life(dir, kNow).told.empty());
}

TEST_CASE("a mark that cannot be read leaves the host open and says so", "[isolation]") {
  const TempDir dir;
  test::write_file(dir / "isolation.json", "{\"until\": 9223372036854775807}");
  std::filesystem::permissions(dir / "isolation.json", std::filesystem::perms(0600));
  const Life life(dir, kNow);
  CHECK(life.says("the host is open"));
  CHECK(life.left_s() == 0);
}

}  // namespace tocsin
