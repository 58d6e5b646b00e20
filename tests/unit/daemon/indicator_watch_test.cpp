// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>

#include "daemon/indicator_desk.hpp"
#include "intake/native_set.hpp"
#include "support/temp_dir.hpp"
#include "support/test.hpp"

using namespace tocsin;
using tocsin::test::TempDir;

namespace fs = std::filesystem;

namespace {

// The desk on a real loop and real files, in real time.
struct Bench {
  TempDir dir;
  SystemClock clock;
  EventLoop loop = EventLoop::create().value();
  std::unique_ptr<IndicatorDesk> desk;
  int swaps = 0;
  std::vector<std::string> troubles;

  explicit Bench(std::vector<fs::path> paths = {}) {
    if (paths.empty()) {
      fs::create_directories(dir / "sets");
      paths = {dir / "sets"};
    }
    desk =
        IndicatorDesk::open(clock, {.paths = std::move(paths), .state_dir = dir / "state"}).value();
    REQUIRE(desk->watch(loop, {.on_swapped = [this] { ++swaps; },
                               .on_trouble = [this](std::string t) { troubles.push_back(t); }}));
  }
  [[nodiscard]] bool watched(std::string_view name) const {
    return !desk->store().current()->find_domain(name, 0).empty();
  }
  // Turns the loop until it holds; false after limit_ms.
  template <typename Holds>
  bool until(Holds holds, int limit_ms = 1000) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(limit_ms);
    while (!holds()) {
      if (std::chrono::steady_clock::now() > end) return false;
      (void)loop.run_once(20'000);
    }
    return true;
  }
  void settle() {
    (void)until([] { return false; }, 500);
  }
  Result<nlohmann::json> import(const std::string& set, const std::string& text, bool feed = false,
                                bool may_shrink = true) {
    std::optional<Result<nlohmann::json>> out;
    desk->import_set({set, feed, may_shrink, intake::sealed_memory(text).value()},
                     [&](Result<nlohmann::json> answer) { out = std::move(answer); });
    REQUIRE(until([&] { return out.has_value(); }, 5000));
    return std::move(*out);
  }
};

std::string one(const std::string& name) {
  return "domain," + name + "\n";
}

}  // namespace

TEST_CASE("a set that appears, changes or goes is noticed within a second", "[indicator_watch]") {
  Bench bench;
  const auto file = bench.dir / "sets/a.ioc";
  test::write_file(file, one("first.example.net"));
  CHECK(bench.until([&] { return bench.watched("first.example.net"); }));
  test::write_file(bench.dir / "sets/.b.tmp", one("second.example.net"));
  fs::rename(bench.dir / "sets/.b.tmp", file);
  CHECK(bench.until([&] { return bench.watched("second.example.net"); }));
  CHECK_FALSE(bench.watched("first.example.net"));
  fs::remove(file);
  CHECK(bench.until([&] { return !bench.watched("second.example.net"); }));
  CHECK(bench.troubles.empty());
}

TEST_CASE("a file is not read while somebody writes it", "[indicator_watch]") {
  Bench bench;
  Fd fd(::open((bench.dir / "sets/slow.ioc").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
  REQUIRE(::write(fd.get(), "domain,half.exam", 16) == 16);
  bench.settle();
  CHECK(bench.swaps == 0);
  REQUIRE(::write(fd.get(), "ple.net\n", 8) == 8);
  fd.reset();
  CHECK(bench.until([&] { return bench.watched("half.example.net"); }));
  CHECK_FALSE(bench.watched("half.exam"));
}

TEST_CASE("links are followed when they are swapped", "[indicator_watch]") {
  Bench bench;
  // The layout of a Kubernetes volume: one link is renamed over another.
  bench.dir.write("sets/..1/a.ioc", one("old.example.net"));
  bench.dir.write("sets/..2/a.ioc", one("new.example.net"));
  fs::create_symlink("..1", bench.dir / "sets/..data");
  fs::create_symlink("..data/a.ioc", bench.dir / "sets/a.ioc");
  CHECK(bench.until([&] { return bench.watched("old.example.net"); }));
  fs::create_symlink("..2", bench.dir / "sets/..data_tmp");
  fs::rename(bench.dir / "sets/..data_tmp", bench.dir / "sets/..data");
  CHECK(bench.until([&] { return bench.watched("new.example.net"); }));
  CHECK_FALSE(bench.watched("old.example.net"));
}

TEST_CASE("a broken file leaves its old content active and is told once", "[indicator_watch]") {
  Bench bench;
  const auto file = bench.dir / "sets/a.ioc";
  test::write_file(file, one("kept.example.net"));
  REQUIRE(bench.until([&] { return bench.watched("kept.example.net"); }));
  test::write_file(file, "nonsense\n");
  REQUIRE(bench.until([&] { return !bench.troubles.empty(); }));
  CHECK(bench.watched("kept.example.net"));
  CHECK(bench.troubles[0].find("its old content stays active") != std::string::npos);
  CHECK(bench.desk->troubles().size() == 1);
  const auto before = bench.swaps;
  test::write_file(bench.dir / "sets/b.ioc", one("b.example.net"));
  REQUIRE(bench.until([&] { return bench.swaps > before; }));
  CHECK(bench.troubles.size() == 1);
  test::write_file(file, one("well.example.net"));
  CHECK(bench.until([&] { return bench.watched("well.example.net"); }));
  CHECK(bench.desk->troubles().empty());
}

TEST_CASE("a folder that appears or is replaced is found again", "[indicator_watch]") {
  const TempDir outside;
  Bench bench({outside / "late"});
  fs::create_directories(outside / "late");
  test::write_file(outside / "late/a.ioc", one("late.example.net"));
  bench.desk->look_again();
  CHECK(bench.until([&] { return bench.watched("late.example.net"); }));
  fs::rename(outside / "late", outside / "gone");
  fs::create_directories(outside / "late");
  test::write_file(outside / "late/b.ioc", one("again.example.net"));
  bench.desk->look_again();
  CHECK(bench.until([&] { return bench.watched("again.example.net"); }));
  test::write_file(outside / "late/c.ioc", one("more.example.net"));
  CHECK(bench.until([&] { return bench.watched("more.example.net"); }));
}

TEST_CASE("an import is active when its answer comes", "[indicator_watch]") {
  Bench bench;
  auto answer = bench.import("inc", "# set: inc\ndomain,a.example.net\ndomain,b.example.net\n");
  REQUIRE(answer);
  CHECK(answer->at("added") == 2);
  CHECK(answer->at("total") == 2);
  CHECK(bench.watched("a.example.net"));
  const auto swaps = bench.swaps;
  bench.settle();
  CHECK(bench.swaps == swaps);  // our own change is not read a second time
  REQUIRE(bench.import("feed", "# set: feed\ndomain,f.example.net\n", true));
  CHECK(fs::exists(bench.dir / "state/feeds/feed.ioc"));
  // One name is one set.
  CHECK_FALSE(bench.import("feed", "# set: feed\ndomain,x.example.net\n", false));
  test::write_file(bench.dir / "sets/hand.ioc", "# set: mine\ndomain,m.example.net\n");
  REQUIRE(bench.until([&] { return bench.watched("m.example.net"); }));
  answer = bench.import("mine", "# set: mine\ndomain,x.example.net\n");
  REQUIRE_FALSE(answer);
  CHECK(answer.error().message.find("hand.ioc") != std::string::npos);
  CHECK_FALSE(bench.watched("x.example.net"));
}

TEST_CASE("sets are exported and asked for as the index has them", "[indicator_watch]") {
  Bench bench;
  REQUIRE(bench.import("one",
                       "# set: one\n# campaign: C\ndomain,a.example.net\n"
                       "domain,held.example.net,review,note=doubt\n"
                       "ip,198.51.100.7,port=443\nsha1,"
                       "da39a3ee5e6b4b0d3255bfef95601890afd80700\n"));
  REQUIRE(bench.import("two",
                       "# set: two\ndomain,b.example.net\n"
                       "domain,old.example.net,expires=2001-01-01\n"));
  const auto all = [](control::ItemSource items) {
    std::vector<nlohmann::json> out;
    for (auto item = items(); item && *item; item = items())
      out.push_back(nlohmann::json::parse(**item));
    return out;
  };
  CHECK(all(bench.desk->export_rows("").value()).size() == 5);
  const auto rows = all(bench.desk->export_rows("one").value());
  REQUIRE(rows.size() == 3);
  for (const auto& row : rows) CHECK(row.at("campaign") == "C");
  CHECK_FALSE(bench.desk->export_rows("none"));
  const auto held = all(bench.desk->review_rows("").value());
  REQUIRE(held.size() == 1);
  CHECK(held[0].at("value") == "held.example.net");
  CHECK(held[0].at("note") == "doubt");
  const auto domains = all(bench.desk->domains({}));
  REQUIRE(domains.size() == 1);
  CHECK(domains[0].at("domains") == nlohmann::json{"a.example.net", "b.example.net"});
  CHECK(all(bench.desk->domains({"one"})).at(0).at("domains") == nlohmann::json{"b.example.net"});
}
