// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// First it happens, then it becomes known that it was bad: hunts, and alerts by hindsight, over
// stops, kills and restarts.
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <thread>

#include "support/kernel.hpp"

using namespace tocsin::test;
using nlohmann::json;

namespace {

constexpr const char* kName = "hunted-name.example.net";
constexpr const char* kAddress = "127.0.0.99";

Daemon::Fits by_hindsight(const std::string& indicator) {
  return [=](const json& alert) {
    return at(alert, "tocsin.retro").is_object() &&
           at(alert, "tocsin.indicator").at(0).at("value") == indicator;
  };
}

json hunted(Daemon& daemon, std::vector<std::string> arguments, int exit_code = 1) {
  arguments.insert(arguments.begin(), {"--json", "hunt"});
  const auto done = daemon.cli(std::move(arguments));
  INFO(done.out << done.err);
  REQUIRE(done.exit_code == exit_code);
  return json::parse(done.out);
}

// What has just happened may still wait for the digest of its program.
json hunted_until(Daemon& daemon, int seen, const std::vector<std::string>& arguments) {
  json answer;
  for (int i = 0; i < 100; ++i) {
    answer = hunted(daemon, arguments);
    if (answer.at("seen") == seen) break;
    std::this_thread::sleep_for(Millis(20));
  }
  return answer;
}

// Asks nobody for the name and calls a closed port at the address.
void act_badly(const std::string& program) {
  run_program({program, "0"});
  run_program({"dig", "+tries=1", "+time=1", "@127.0.0.98", kName});
  run_program({"bash", "-c", "exec 3<>/dev/tcp/127.0.0.99/9"});
}

bool walk_done(Daemon& daemon) {
  for (int i = 0; i < 200; ++i) {
    const auto hindsight = at(daemon.status(), "history.hindsight");
    if (hindsight.is_object() && hindsight.at("walks") > 0 && hindsight.at("walking") == false)
      return true;
    std::this_thread::sleep_for(Millis(20));
  }
  return false;
}

std::ptrdiff_t retro_alerts(Daemon& daemon) {
  return std::ranges::count_if(
      daemon.alerts(), [](const json& alert) { return at(alert, "tocsin.retro").is_object(); });
}

}  // namespace

TEST_CASE("what happened before it was known to be bad is found by hunting", "[hunt]") {
  TOCSIN_NEEDS_KERNEL();
  Daemon daemon({.indicators = indicator_file({"domain,unrelated.example.net"})});
  require_ready(daemon);
  const auto payload = make_payload(daemon.dir() / "bad");
  act_badly(payload.path);
  const auto report = daemon.dir().write(
      "report.txt", "Indicators of compromise\n\nSHA-256: " + payload.sha256 +
                        "\nhunted-name[.]example[.]net\nnever-asked[.]example[.]net\n");
  const auto answer =
      hunted_until(daemon, 3, {payload.sha256, kName, kAddress, "never.example.org"});
  CHECK(answer.at("seen") == 3);
  CHECK(answer.at("not_seen") == 1);
  CHECK(answer.at("coverage").at("gaps").at("count") == 0);
  const auto& program = answer.at("hits").at(0).at("sightings").at(0);
  CHECK(program.at("path") == payload.path.string());
  CHECK(at(program, "last.who.lineage").size() > 0);
  // Names below example.net are placeholders to the extraction: held back for a person.
  CHECK(hunted(daemon, {"--file", report, "--review"}).at("seen") == 2);
  CHECK(hunted(daemon, {"127.0.0.96/30"}).at("hits").at(0).at("count") > 0);
  const auto dry = daemon.cli({"ioc", "import", report, "--dry-run", "--accept-review"});
  INFO(dry.out << dry.err);
  CHECK(dry.exit_code == 0);
  CHECK(dry.out.find("history: 2 of 3 values would have matched") != std::string::npos);
  CHECK(dry.out.find("alerts a day") != std::string::npos);

  SECTION("stopped") {
    CHECK(daemon.stop() == 0);
  }
  SECTION("killed") {
    daemon.child().signal(SIGKILL);
    daemon.child().wait(Millis(5000));
  }
  const auto state = (daemon.dir() / "state").string();
  CHECK(hunted(daemon, {kName, "--state-dir", state}).at("seen") == 1);
  CHECK(hunted(daemon, {"never.example.org", "--state-dir", state}, 0).at("not_seen") == 1);
}

TEST_CASE("what happened before it was known to be bad is told once, over restarts", "[hunt]") {
  TOCSIN_NEEDS_KERNEL();
  Daemon daemon({.indicators = indicator_file({"domain,unrelated.example.net"})});
  require_ready(daemon);
  const auto payload = make_payload(daemon.dir() / "bad");
  act_badly(payload.path);
  write_file(daemon.indicator_path(),
             indicator_file({payload.indicator(), std::string("domain,") + kName,
                             std::string("ip,") + kAddress}));
  for (const auto& indicator : {payload.sha256, std::string(kName), std::string(kAddress)}) {
    const auto alert = daemon.wait_alert(by_hindsight(indicator));
    INFO(indicator << "\n" << told(daemon));
    REQUIRE(alert);
    CHECK(at(*alert, "event.start").is_string());
    CHECK(at(*alert, "tocsin.retro.count") > 0);
    CHECK(at(*alert, "tocsin.retro.programs").size() == 1);
    CHECK(at(*alert, "message").get<std::string>().find("before the indicator was known") !=
          std::string::npos);
  }
  CHECK(retro_alerts(daemon) == 3);
  CHECK(daemon.cli({"ioc", "reload"}).exit_code == 0);
  CHECK(walk_done(daemon));
  CHECK(retro_alerts(daemon) == 3);
  CHECK(daemon.stop() == 0);

  // The same set and one line more: only that is news.
  Daemon again({.indicators = indicator_file({payload.indicator(), std::string("domain,") + kName,
                                              std::string("ip,") + kAddress,
                                              std::string("cidr,127.0.0.96/30")}),
                .settings = {"state_dir=" + (daemon.dir() / "state").string()}});
  require_ready(again);
  const auto alert = again.wait_alert(by_hindsight("127.0.0.96/30"));
  INFO(told(again));
  CHECK(alert);
  CHECK(walk_done(again));
  for (const auto& indicator : {payload.sha256, std::string(kName), std::string(kAddress)})
    CHECK(std::ranges::none_of(again.alerts(), by_hindsight(indicator)));
  CHECK(again.stop() == 0);
}
