// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// The centre: who fell silent, when it cannot know that, and what becomes of alerts that it cannot
// tell.
#include "fleet/watch.hpp"

#include <fcntl.h>
#include <signal.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "fleet/store.hpp"
#include "support/agent_lab.hpp"
#include "support/daemon.hpp"

using namespace tocsin;
using namespace tocsin::fleet;
using namespace tocsin::test;

TEST_CASE("a host that falls silent is an alert, and so is its return", "[fleet]") {
  TOCSIN_NEEDS_BROKER("a host that falls silent is an alert");
  AgentLab all;
  all.start(1);
  const auto subjects = Subjects::of_site("main").value();
  const auto centre = connect(all.daemon.loop, operator_options(all.lab));
  const auto watch = Watch::start(all.daemon.loop, *centre, subjects,
                                  {.since_ns = {}, .sequence = {}, .grace_ns = 0})
                         .value();
  std::vector<std::string> rules;
  watch->on_alert([&](const nlohmann::json& alert) {
    CHECK(at(alert, "tocsin.fleet.host") == "web-1");
    rules.push_back(at(alert, "rule.id"));
  });
  // Beats come, and the table knows the host.
  auto status = nlohmann::json::object();
  for (int i = 0; i < 20 && at(status, "beat.up") != true; ++i) {
    all.turn([] { return false; }, Millis(1'000));  // the daemon answers while its loop turns
    const auto said = all.lab.fleet({"status", "--json"}).out;
    if (!said.empty()) status = nlohmann::json::parse(said);
  }
  CHECK(at(status, "silent") == false);
  CHECK(at(status, "beat.up") == true);
  CHECK(at(status, "beat.spool.items") == 0);
  all.turn([] { return false; }, Millis(1'500));
  CHECK(rules.empty());

  all.agent->signal(SIGSTOP);
  REQUIRE(all.turn([&] { return !rules.empty(); }));
  CHECK(rules[0] == "tocsin.fleet-silent");
  const auto silent = all.lab.fleet({"status", "--silent"});
  CHECK(silent.exit_code == 1);
  CHECK(silent.out.find("web-1") != std::string::npos);
  all.agent->signal(SIGCONT);
  REQUIRE(all.turn([&] { return rules.size() > 1; }));
  CHECK(rules[1] == "tocsin.fleet-returned");
}

TEST_CASE("a centre that is cut off calls no host silent, and says so of itself", "[fleet]") {
  TOCSIN_NEEDS_BROKER("a centre that is cut off calls no host silent");
  AgentLab all;
  all.start(1);
  const auto subjects = Subjects::of_site("main").value();
  const auto centre = connect(all.daemon.loop, operator_options(all.lab));
  const auto watch = Watch::start(all.daemon.loop, *centre, subjects,
                                  {.since_ns = {},
                                   .sequence = {},
                                   .blind_ns = 3ULL * kNsPerSecond,
                                   .grace_ns = 10 * kNsPerSecond})
                         .value();
  std::vector<std::string> rules;
  watch->on_alert([&](const nlohmann::json& alert) { rules.push_back(at(alert, "rule.id")); });
  bool beaten = false;
  auto listening =
      centre->subscribe(subjects.every(Kind::kBeat), [&](const Message&) { beaten = true; });
  REQUIRE(all.turn([&] { return beaten; }));
  all.turn([] { return false; }, Millis(2'000));
  all.lab.kill(0);
  all.turn([] { return false; }, Millis(7'000));  // more than three beats
  CHECK(rules == std::vector<std::string>{"tocsin.fleet-blind"});
  all.lab.start(0);
  REQUIRE(all.turn([&] { return rules.size() > 1; }, Millis(60'000)));
  CHECK(rules[1] == "tocsin.fleet-sight");
  all.turn([] { return false; }, Millis(5'000));
  CHECK(rules.size() == 2);
  // And then it watches as before.
  all.agent->signal(SIGSTOP);
  REQUIRE(all.turn([&] { return rules.size() > 2; }, Millis(30'000)));
  CHECK(rules[2] == "tocsin.fleet-silent");
  all.agent->signal(SIGCONT);
}

TEST_CASE("a watch that begins with old beats gives hosts time to be heard", "[fleet]") {
  TOCSIN_NEEDS_BROKER("a watch that begins with old beats");
  NatsLab lab({"web-1"});
  lab.init();
  auto loop = EventLoop::create().value();
  const auto subjects = Subjects::of_site("main").value();
  const auto web = connect(loop, host_options(lab, "web-1"));
  REQUIRE(
      web->publish(subjects.up("web-1", Kind::kBeat), R"({"tocsin":1,"up":true,"interval_s":1})"));
  REQUIRE(web->flush(Millis(5'000)));
  turn_until(
      loop, [] { return false; }, Millis(4'000));  // more than three beats
  const auto centre = connect(loop, operator_options(lab));
  const auto watch = Watch::start(loop, *centre, subjects,
                                  {.since_ns = {}, .sequence = {}, .grace_ns = 6 * kNsPerSecond})
                         .value();
  std::vector<std::string> rules;
  watch->on_alert([&](const nlohmann::json& alert) { rules.push_back(at(alert, "rule.id")); });
  turn_until(
      loop, [] { return false; }, Millis(4'000));
  CHECK(rules.empty());
  REQUIRE(turn_until(
      loop, [&] { return !rules.empty(); }, Millis(20'000)));
  CHECK(rules[0] == "tocsin.fleet-silent");
}

TEST_CASE("alerts that the broker has no more are an alert of the centre's", "[fleet]") {
  TOCSIN_NEEDS_BROKER("alerts that the broker has no more");
  NatsLab lab({"web-1"});
  lab.init();
  auto loop = EventLoop::create().value();
  const auto subjects = Subjects::of_site("main").value();
  const auto web = connect(loop, host_options(lab, "web-1"));
  const auto centre = connect(loop, operator_options(lab));
  const auto raise = [&] {
    REQUIRE(store(*web, subjects.up("web-1", Kind::kAlert), "{}").has_value());
  };
  for (int i = 0; i < 5; ++i) raise();
  const auto api = [&](const char* what, const std::string& data) {
    const auto subject = std::string("$JS.API.STREAM.") + what + "." + kStreamAlerts;
    return nlohmann::json::parse(centre->request(subject, data, Millis(10'000)).value().data);
  };
  auto config = at(api("INFO", ""), "config");
  config["max_msgs"] = 2;
  REQUIRE(!api("UPDATE", config.dump()).contains("error"));

  const auto watch = Watch::start(loop, *centre, subjects, {.since_ns = {}, .sequence = 1}).value();
  std::vector<nlohmann::json> alerts;
  watch->on_alert([&](const nlohmann::json& alert) { alerts.push_back(alert); });
  REQUIRE(turn_until(loop, [&] { return watch->resume_from() == 6; }));
  REQUIRE(alerts.size() == 1);
  CHECK(at(alerts[0], "rule.id") == "tocsin.fleet-gap");
  CHECK(at(alerts[0], "message").get<std::string>().starts_with("3 alerts"));

  // A stream that is made anew is told from its beginning, and a restart begins there, too.
  lab.kill(0);
  std::filesystem::remove_all(std::filesystem::path(lab.folder()).parent_path() / "server-0/store");
  lab.start(0);
  lab.init();
  REQUIRE(turn_until(
      loop, [&] { return web->connected(); }, Millis(40'000)));
  raise();
  REQUIRE(turn_until(
      loop, [&] { return alerts.size() > 1; }, Millis(40'000)));
  CHECK(at(alerts[1], "rule.id") == "tocsin.fleet-gap");
  CHECK(turn_until(loop, [&] { return watch->resume_from() == 2; }));
  CHECK(watch->counts().strange == 3);
}

TEST_CASE("an alert that does not get out is not counted as told", "[fleet]") {
  TOCSIN_NEEDS_BROKER("an alert that does not get out is not counted as told");
  AgentLab all;
  const auto state = all.state.file("watch.json");
  const auto telling = [&](const std::string& to) {
    std::string servers = all.lab.host_settings("web-1")[0];
    return std::vector<std::string>{"/bin/sh",
                                    "-c",
                                    "exec \"$0\" \"$@\" >" + to,
                                    std::string(TOCSIN_BIN_DIR) + "/tocsin-fleet",
                                    "-o",
                                    servers,
                                    "--credentials",
                                    all.lab.operator_folder(),
                                    "--json",
                                    "watch",
                                    "--state",
                                    state};
  };
  Child full({.argv = telling("/dev/full")});
  REQUIRE(all.turn([&] { return std::filesystem::exists(state); }));
  all.raise(1, 3);
  all.start();
  REQUIRE(all.turn([&] { return !full.running(); }));
  CHECK(full.wait(Millis(1'000)) == 2);
  CHECK(full.err().find("standard output") != std::string::npos);

  const auto out = all.state.file("alerts.jsonl");
  std::ofstream(out) << "half a line";
  Child good({.argv = telling(">" + out)});  // appends
  CHECK(all.turn([&] {
    const auto text = std::filesystem::exists(out) ? read_text(out) : std::string();
    return text.find("\"A1\"") != std::string::npos && text.find("\"A3\"") != std::string::npos;
  }));
  good.signal(SIGTERM);
  CHECK(good.wait(Millis(10'000)) == 0);
  CHECK(read_text(out).starts_with("half a line\n{"));
}

TEST_CASE("a host that is no more can be forgotten", "[fleet]") {
  TOCSIN_NEEDS_BROKER("a host that is no more can be forgotten");
  NatsLab lab({"web-1", "web-2"});
  lab.init();
  auto loop = EventLoop::create().value();
  const auto subjects = Subjects::of_site("main").value();
  for (const char* host : {"web-1", "web-2"}) {
    const auto connection = connect(loop, host_options(lab, host));
    REQUIRE(connection->publish(subjects.up(host, Kind::kBeat), R"({"tocsin":1,"up":true})"));
    REQUIRE(connection->flush(Millis(5'000)));
  }
  CHECK(lab.fleet({"status"}).out.find("web-2") != std::string::npos);
  const auto forgotten = lab.fleet({"forget", "web-2"});
  INFO(forgotten.err);
  CHECK(forgotten.exit_code == 0);
  const auto left = lab.fleet({"status"}).out;
  CHECK(left.find("web-1") != std::string::npos);
  CHECK(left.find("web-2") == std::string::npos);
  CHECK(lab.fleet({"forget", "web-2"}).exit_code == 2);
  CHECK(lab.fleet({"forget", "*"}).exit_code == 2);
}
