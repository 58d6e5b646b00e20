// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// A program whose hash is in a set is run, in every way a program can be run on one host.
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "support/kernel.hpp"

using namespace tocsin::test;
using nlohmann::json;

namespace {

constexpr const char* kLingerMs = "300";

// A daemon that knows one payload.
struct Watch {
  TempDir dir;
  Payload payload;
  Daemon daemon;

  explicit Watch(const std::function<Payload(const std::filesystem::path&)>& make)
      : payload(make(dir / "payload")),
        daemon({.indicators = indicator_file({payload.indicator()})}) {
    require_ready(daemon);
  }
  ~Watch() {
    CHECK(daemon.stop() == 0);
    CHECK(daemon.out().empty());
  }
};

Payload linger(const std::filesystem::path& path) {
  return make_payload(path, "linger");
}

// The alert for what report says was run, with everything an alert owes.
json expect_alert(Watch& watch, const json& report) {
  const auto alert = watch.daemon.wait_alert(exec_alert(report, watch.payload.sha256));
  INFO(report.dump() << "\n" << told(watch.daemon));
  REQUIRE(alert);
  CHECK_FALSE(at(*alert, "tocsin.hash.rung").get<std::string>().empty());
  CHECK(at(*alert, "tocsin.indicator").at(0).at("set") == "test");
  CHECK(at(*alert, "user.name") == "root");
  CHECK(at(*alert, "tocsin.loss.complete") == true);
  return *alert;
}

}  // namespace

TEST_CASE("a freshly made ELF file with a listed hash raises an alert", "[exec][vm][brief]") {
  TOCSIN_NEEDS_KERNEL();
  Watch watch(linger);
  const auto report = act("exec_as", {"0", "0", watch.payload.path, kLingerMs});
  REQUIRE(report);
  const json alert = expect_alert(watch, *report);
  CHECK(at(alert, "process.executable") == watch.payload.path.string());
  CHECK(at(alert, "process.hash.sha256") == watch.payload.sha256);
  CHECK(at(alert, "process.args") == json::array({watch.payload.path.string(), kLingerMs}));
  const json lineage = at(alert, "tocsin.lineage");
  INFO(lineage.dump(1));
  const auto names = [&](pid_t pid) {
    return std::any_of(lineage.begin(), lineage.end(),
                       [&](const json& p) { return p.at("pid") == pid; });
  };
  CHECK(names(::getpid()));  // this test started the action that started the payload
}

TEST_CASE("a process that ends at once is hashed as long as its file stays", "[exec]") {
  TOCSIN_NEEDS_KERNEL();
  Watch watch([](const auto& path) { return make_payload(path, "storm_victim"); });
  const auto report = act("exec_as", {"0", "0", watch.payload.path});
  REQUIRE(report);
  expect_alert(watch, *report);
}

TEST_CASE("a script with a listed hash raises an alert that names the script", "[exec]") {
  TOCSIN_NEEDS_KERNEL();
  // A script that executes something else at once is still named as what it was.
  const ScriptWay way = GENERATE(ScriptWay::kStays, ScriptWay::kExecs);
  Watch watch([way](const auto& path) { return make_script(path, 300, way); });
  const auto report = act("exec_as", {"0", "0", watch.payload.path});
  REQUIRE(report);
  const json alert = expect_alert(watch, *report);
  CHECK(at(alert, "tocsin.script.sha256") == watch.payload.sha256);
  CHECK(at(alert, "tocsin.script.path") == watch.payload.path.string());
  CHECK(at(alert, "process.executable") == std::filesystem::canonical("/bin/sh").string());
  CHECK(at(alert, "process.hash.sha256") == sha256_of("/bin/sh"));
}

TEST_CASE("content run from memory raises an alert", "[exec][vm]") {
  TOCSIN_NEEDS_KERNEL();
  Watch watch(linger);
  const auto report = act("exec_memfd", {watch.payload.path, kLingerMs});
  REQUIRE(report);
  expect_alert(watch, *report);
}

TEST_CASE("a file run through a descriptor raises an alert", "[exec]") {
  TOCSIN_NEEDS_KERNEL();
  Watch watch(linger);
  const auto report = act("exec_fd", {watch.payload.path, kLingerMs});
  REQUIRE(report);
  const json alert = expect_alert(watch, *report);
  CHECK(at(alert, "process.executable") == watch.payload.path.string());
}

TEST_CASE("a file without a name raises an alert", "[exec][vm]") {
  TOCSIN_NEEDS_KERNEL();
  const std::string when = GENERATE("before", "after");
  Watch watch(linger);
  const auto report = act("exec_unlinked", {when, watch.payload.path, kLingerMs});
  REQUIRE(report);
  CHECK_FALSE(std::filesystem::exists(watch.payload.path));
  expect_alert(watch, *report);
}

TEST_CASE("a program that ran before the daemon raises an alert at its start", "[exec]") {
  TOCSIN_NEEDS_KERNEL();
  TempDir dir;
  const Payload payload = linger(dir / "payload");
  Child early({.argv = {payload.path, "15000"}});
  Daemon daemon({.indicators = indicator_file({payload.indicator()})});
  require_ready(daemon);
  const auto alert = daemon.wait_alert(exec_alert({{"pid", early.pid()}}, payload.sha256));
  INFO(told(daemon));
  CHECK(alert);
  CHECK(daemon.stop() == 0);
}

TEST_CASE("a script that an interpreter was given as an argument raises an alert", "[exec]") {
  TOCSIN_NEEDS_KERNEL();
  TempDir dir;
  const Payload script = make_script(dir / "implant.sh", 300);
  Daemon daemon({.indicators = indicator_file({script.indicator()})});
  require_ready(daemon);
  Child child({.argv = {"/bin/sh", script.path}});
  const auto alert = daemon.wait_alert(exec_alert({{"pid", child.pid()}}, script.sha256));
  INFO(told(daemon));
  REQUIRE(alert);
  CHECK(at(*alert, "tocsin.script.path") == script.path.string());
  // What is no file was no script: no alert says that it vanished.
  CHECK(run_program({"/bin/sh", dir / "missing.sh"}).exit_code != 0);
  CHECK(run_program({"/bin/sh", "-c", "exit 3", "name"}).exit_code == 3);
  const auto other = daemon.wait_alert([&](const json& a) { return a != *alert; }, Millis(500));
  if (other) UNSCOPED_INFO(other->dump());
  CHECK_FALSE(other);
  CHECK(daemon.stop() == 0);
}

TEST_CASE("a set-uid program raises an alert with the caller's and the gained user", "[exec]") {
  TOCSIN_NEEDS_KERNEL();
  Watch watch(linger);
  REQUIRE(::chmod(watch.payload.path.c_str(), 04755) == 0);
  const auto report = act("exec_as", {"65534", "65534", watch.payload.path, kLingerMs});
  REQUIRE(report);
  const auto alert = watch.daemon.wait_alert(exec_alert(*report, watch.payload.sha256));
  INFO(told(watch.daemon));
  REQUIRE(alert);
  CHECK(at(*alert, "user.id") == "65534");
  CHECK(at(*alert, "user.name") == "nobody");
  CHECK(at(*alert, "user.effective.id") == "0");
}

TEST_CASE("the new content of a replaced file is never taken for what ran", "[exec]") {
  TOCSIN_NEEDS_KERNEL();
  const std::string way = GENERATE("rename", "rewrite");
  const std::string action = GENERATE("storm_victim", "linger");
  TempDir dir;
  constexpr int kRounds = 20;
  std::vector<Payload> before, after;
  std::vector<std::string> lines;
  for (int i = 0; i < kRounds; ++i) {
    before.push_back(make_payload(dir / ("target" + std::to_string(i)), action));
    after.push_back(make_payload(dir / ("new" + std::to_string(i)), action));
    lines.insert(lines.end(), {before.back().indicator(), after.back().indicator()});
  }
  Daemon daemon({.indicators = indicator_file(lines)});
  require_ready(daemon);
  std::vector<json> reports;
  for (int i = 0; i < kRounds; ++i) {
    const auto& at_i = static_cast<std::size_t>(i);
    const auto report = act("exec_replaced", {way, after[at_i].path, before[at_i].path, "50"});
    REQUIRE(report);
    reports.push_back(*report);
  }
  // A last, ordinary exec: its alert says that all before it have been judged.
  const Payload last = make_payload(dir / "last", "linger");
  write_file(daemon.indicator_path(), indicator_file([&] {
               auto more = lines;
               more.push_back(last.indicator());
               return more;
             }()));
  daemon.child().signal(SIGHUP);
  std::optional<json> seen;
  for (int i = 0; i < 50 && !seen; ++i) {
    const auto report = act("exec_fd", {last.path, "50"});
    seen = daemon.wait_alert(exec_alert(*report, last.sha256), Millis(200));
  }
  INFO(told(daemon));
  REQUIRE(seen);
  std::size_t caught = 0;
  for (std::size_t i = 0; i < reports.size(); ++i) {
    const auto hashed_as = [&](const Payload& p) {
      return daemon.wait_alert(exec_alert(reports[i], p.sha256), Millis(0)).has_value();
    };
    CHECK_FALSE(hashed_as(after[i]));
    caught += hashed_as(before[i]) ? 1 : 0;
  }
  // What was not caught stands in the status as a miss with its reason.
  const json misses = at(daemon.status(), "hash.misses");
  std::uint64_t missed = 0;
  for (const auto& [reason, count] : misses.items()) missed += count.get<std::uint64_t>();
  INFO("caught " << caught << " of " << kRounds << ", misses " << misses.dump());
  CHECK(caught + missed >= reports.size());
  CHECK(daemon.stop() == 0);
}
