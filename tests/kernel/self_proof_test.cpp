// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// The daemon proves itself: what its canary does comes back, and what cannot come back is told.
#include <set>
#include <thread>

#include "canary/action.hpp"
#include "support/kernel.hpp"
#include "support/notify_socket.hpp"

using namespace tocsin;
using namespace tocsin::test;
using nlohmann::json;

namespace {

using Names = std::set<std::string>;

DaemonOptions options(std::vector<std::string> settings) {
  DaemonOptions out;
  out.settings = {"indicators.paths=" TOCSIN_SOURCE_DIR "/iocs/selftest.ioc"};
  out.settings.insert(out.settings.end(), settings.begin(), settings.end());
  return out;
}

// The status once it tells of so many proofs.
json proofs_of(Daemon& daemon, int count) {
  for (int i = 0; i < 200; ++i) {
    auto status = daemon.status();
    if (at(status, "self_proof.proofs").get<int>() >= count) return status;
    std::this_thread::sleep_for(Millis(50));
  }
  FAIL("no proof\n" << told(daemon));
  return {};
}

Names with_state(const json& actions, std::string_view state) {
  Names out;
  for (const auto& action : actions)
    if (action.at("state") == state) out.insert(action.at("action"));
  return out;
}

// An action that this machine does not let the canary do is named, and then not asked for.
Names expected(const json& actions, Names names) {
  for (const auto& action : actions)
    if (action.at("state") == "not-provable" && names.erase(action.at("action")) > 0 &&
        action.at("action") != "library")
      print_skipped("self-proof of " + action.at("action").get<std::string>(),
                    action.at("reason").get<std::string>());
  return names;
}

// Messages to the service manager that wait.
std::vector<std::string> take_all(const NotifySocket& manager) {
  std::vector<std::string> out;
  for (auto message = manager.take(); !message.empty(); message = manager.take())
    out.push_back(std::move(message));
  return out;
}

bool fed(const NotifySocket& manager) {
  for (int i = 0; i < 100; ++i) {
    for (const auto& message : take_all(manager))
      if (message == "WATCHDOG=1") return true;
    std::this_thread::sleep_for(Millis(50));
  }
  return false;
}

// One tocsind a host: the hook is ours. How many there were.
int detach_connect_hook() {
  const auto links = run_program({"bpftool", "--json", "link", "show"});
  int detached = 0;
  for (const auto& link : json::parse(links.out)) {
    if (link.value("attach_type", "") != "cgroup_inet4_connect") continue;
    const auto id = std::to_string(link.at("id").get<int>());
    detached += run_program({"bpftool", "link", "detach", "id", id}).exit_code == 0 ? 1 : 0;
  }
  return detached;
}

const Names kAll(kCanaryActionNames.begin(), kCanaryActionNames.end());

}  // namespace

TEST_CASE("every action of the canary comes back, and nobody is alarmed", "[proof][vm]") {
  TOCSIN_NEEDS_KERNEL();
  Daemon daemon(options({"self_proof.interval_s=0.4"}));
  require_ready(daemon);
  const auto status = proofs_of(daemon, 3);
  const auto& proof = at(status, "self_proof");
  INFO(proof.dump(1) << told(daemon));
  const auto& actions = at(proof, "last.actions");
  const auto want = expected(actions, kAll);
  CHECK(want.size() >= 5);
  CHECK(with_state(actions, "proved") == want);
  for (const auto& action : actions) {
    if (!want.contains(action.at("action"))) continue;
    const double ms = action.at("ms");
    CHECK((ms > 0 && ms < 5000));
    const auto& delays = at(proof, "delays." + action.at("action").get<std::string>());
    CHECK(delays.at("count").get<int>() >= 3);
    CHECK(delays.at("p50_ms").get<double>() <= delays.at("p99_ms").get<double>());
  }
  CHECK(at(proof, "blind").empty());
  CHECK(at(proof, "overdue") == false);
  CHECK(at(proof, "last.trouble") == "");
  CHECK(at(proof, "last.canary_cpu_ms").get<double>() > 0);
  CHECK(at(status, "last_self_proof").get<double>() > at(status, "started").get<double>());
  CHECK(at(status, "loss").empty());
  CHECK(daemon.alerts().empty());
  const auto page = daemon.cli({"status"});
  CHECK(page.out.find("actions came through") != std::string::npos);
  CHECK(daemon.stop() == 0);
}

TEST_CASE("what a missing hook hides raises an alarm and counts as loss", "[proof]") {
  TOCSIN_NEEDS_KERNEL();
  Daemon daemon(options({"self_proof.interval_s=0.2", "capture.disable_hooks=datagram"}));
  require_ready(daemon);
  const auto alert = daemon.wait_alert([](const json& a) {
    return at(a, "message").get<std::string>().starts_with("the canary's datagram was not seen");
  });
  INFO(told(daemon));
  REQUIRE(alert);
  CHECK(at(*alert, "message") ==
        "the canary's datagram was not seen within 5 s: UDP sent without a connect may be "
        "invisible now");
  CHECK(at(*alert, "tocsin.severity") == "medium");
  const auto status = daemon.status();
  const auto blind = at(status, "self_proof.blind").get<Names>();
  CHECK(blind.contains("udp"));
  CHECK_FALSE(blind.contains("tcp"));
  CHECK_FALSE(blind.contains("exec"));
  const auto& loss = at(status, "loss");
  CHECK(std::any_of(loss.begin(), loss.end(),
                    [](const json& l) { return l.at("stage") == "self-proof/udp"; }));
  CHECK(daemon.cli({"selftest"}).exit_code == 1);
  CHECK(daemon.stop() == 0);
}

TEST_CASE("a hook that is detached behind the daemon's back is noticed", "[proof]") {
  TOCSIN_NEEDS_KERNEL();
  const NotifySocket manager(60);
  Daemon daemon(options({"self_proof.interval_s=0.2"}));
  require_ready(daemon);
  proofs_of(daemon, 2);
  CHECK(fed(manager));
  REQUIRE(detach_connect_hook() == 1);
  const auto alert = daemon.wait_alert([](const json& a) {
    return at(a, "message")
        .get<std::string>()
        .starts_with("the canary's TCP connect was not seen within 5 s");
  });
  INFO(told(daemon));
  REQUIRE(alert);
  const auto blind = at(daemon.status(), "self_proof.blind").get<Names>();
  CHECK(blind.contains("tcp"));
  CHECK(blind.contains("io_uring"));
  CHECK_FALSE(blind.contains("exec"));
  // The history knows, so that a hunt's "no" about this time says so.
  const auto hunt = daemon.cli({"--json", "hunt", "never.example.org"});
  CHECK(json::parse(hunt.out).at("coverage").dump().find("tcp") != std::string::npos);
  // It does not mend itself: the service manager is left to start a new one.
  // (Its alert is folded into the one above.)
  const auto told_why = [&daemon] {
    return daemon.log().find("the watchdog is fed no more") != std::string::npos;
  };
  for (int i = 0; i < 400 && !told_why(); ++i) {
    take_all(manager);  // or the daemon would wait for it
    std::this_thread::sleep_for(Millis(100));
  }
  REQUIRE(told_why());
  take_all(manager);
  std::this_thread::sleep_for(Millis(2'500));
  CHECK(take_all(manager).empty());
  CHECK(daemon.stop() == 0);
}

TEST_CASE("a self-test goes all the way into the file", "[proof][selftest]") {
  TOCSIN_NEEDS_KERNEL();
  Daemon daemon(options({}));
  require_ready(daemon);
  // Twice: a repeat is not folded away.
  for (const std::size_t round : {1, 2}) {
    const auto ran = daemon.cli({"selftest", "--json"});
    INFO(ran.out << ran.err << told(daemon));
    REQUIRE(ran.exit_code == 0);
    const auto answer = json::parse(ran.out);
    CHECK(at(answer, "passed") == true);
    const auto& actions = at(answer, "actions");
    const auto want = expected(actions, kAll);
    for (const auto& action : actions)
      if (want.contains(action.at("action")) && action.at("action") != "library")
        CHECK((action.at("alarm") == true && action.at("ms").get<double>() > 0));
    REQUIRE(at(answer, "sinks").size() == 1);
    CHECK(at(answer, "sinks")[0].at("name") == "file");
    CHECK(at(answer, "sinks")[0].at("state") == "written");
    // What the answer claims is in the file.
    std::size_t marked = 0;
    for (const auto& alert : daemon.alerts()) marked += at(alert, "tocsin.self_test") == true;
    CHECK(marked == daemon.alerts().size());
    CHECK(marked >= round * (want.size() - want.count("library")));
  }
  const auto page = daemon.cli({"selftest"});
  CHECK(page.exit_code == 0);
  CHECK(page.out.find("passed") != std::string::npos);
  CHECK(page.out.find("sink file     written") != std::string::npos);
  CHECK(daemon.stop() == 0);
  CHECK(daemon.cli({"selftest"}).exit_code == 3);
}

TEST_CASE("a self-test that is not to be reported stays inside", "[proof][selftest]") {
  TOCSIN_NEEDS_KERNEL();
  Daemon daemon(options({"alerts.self_test=false"}));
  require_ready(daemon);
  const auto ran = daemon.cli({"selftest", "--json"});
  INFO(ran.out << ran.err << told(daemon));
  CHECK(ran.exit_code == 0);
  const auto answer = json::parse(ran.out);
  CHECK(at(answer, "reported") == false);
  CHECK(at(answer, "sinks").empty());
  CHECK(daemon.alerts().empty());
  CHECK(daemon.stop() == 0);
}

TEST_CASE("without its indicators a self-test sees, and fails", "[proof][selftest]") {
  TOCSIN_NEEDS_KERNEL();
  Daemon daemon({.indicators = indicator_file({"domain,unrelated.test"})});
  require_ready(daemon);
  const auto ran = daemon.cli({"selftest", "--json"});
  INFO(ran.out << ran.err << told(daemon));
  CHECK(ran.exit_code == 1);
  const auto answer = json::parse(ran.out);
  for (const auto& action : at(answer, "actions")) {
    CHECK(action.at("alarm") == false);
    CHECK(action.at("alarm_due") == false);
    if (action.at("performed") == true) CHECK(action.at("seen") == true);
  }
  const auto page = daemon.cli({"selftest"});
  CHECK(page.out.find("its indicator is not loaded (iocs/selftest.ioc)") != std::string::npos);
  CHECK(daemon.stop() == 0);
}
