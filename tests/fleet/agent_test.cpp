// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// The real agent, against the real control server and the real broker.
#include <signal.h>

#include <set>
#include <string>
#include <vector>

#include "base/database.hpp"
#include "fleet/watch.hpp"
#include "support/control_bench.hpp"
#include "support/daemon.hpp"
#include "support/fleet_fixture.hpp"

using namespace tocsin;
using namespace tocsin::fleet;
using namespace tocsin::test;

namespace {

struct AgentLab {
  NatsLab lab{{"web-1"}};
  ControlBench daemon;
  TempDir state;
  std::unique_ptr<Child> agent;

  AgentLab() { lab.init(); }
  void start(double beat_s = 1, const std::vector<std::string>& more = {}) {
    std::vector<std::string> argv = {std::string(TOCSIN_BIN_DIR) + "/tocsin-fleet", "--socket",
                                     daemon.path()};
    auto settings = lab.host_settings("web-1");
    settings.push_back("fleet.state_dir=" + state.path().string());
    settings.push_back("fleet.beat_interval_s=" + std::to_string(beat_s));
    settings.insert(settings.end(), more.begin(), more.end());
    for (const auto& setting : settings) argv.insert(argv.end(), {"-o", setting});
    argv.push_back("run");
    agent = std::make_unique<Child>(ChildOptions{.argv = argv});
  }
  void raise(int first, int last) {
    for (int n = first; n <= last; ++n)
      daemon.backend.kept_alerts.push_back(R"({"event":{"id":"A)" + std::to_string(n) +
                                           R"("},"message":"alert"})");
  }
  std::int64_t spooled() const {
    auto database = Database::open(state.file("spool.db"), {});
    return database ? database->integer("SELECT count(*) FROM item").value_or(-1) : -1;
  }
  bool turn(const std::function<bool()>& done, Millis limit = Millis(20'000)) {
    return turn_until(daemon.loop, done, limit);
  }
};

}  // namespace

TEST_CASE("the spool outlives kill -9 of the agent, and nothing comes twice", "[fleet]") {
  TOCSIN_NEEDS_BROKER("the spool outlives kill -9 of the agent");
  AgentLab all;
  all.lab.kill(0);
  all.raise(1, 300);
  all.start();
  REQUIRE(all.turn([&] { return all.spooled() == 300; }));
  all.agent->signal(SIGKILL);
  REQUIRE(all.agent->wait(Millis(5'000)));
  // The daemon has forgotten all but a few: what is missing can come from the spool only.
  all.daemon.backend.kept_alerts.clear();
  all.raise(290, 310);
  all.lab.start(0);
  all.start();

  const auto subjects = Subjects::of_site("main").value();
  const auto centre = connect(all.daemon.loop, operator_options(all.lab));
  const auto watch =
      Watch::start(all.daemon.loop, *centre, subjects, {.since_ns = {}, .sequence = 1}).value();
  std::vector<std::string> ids;
  watch->on_alert([&](const nlohmann::json& alert) {
    CHECK(at(alert, "tocsin.fleet.host") == "web-1");
    ids.push_back(at(alert, "event.id"));
  });
  INFO(all.agent->err());
  REQUIRE(all.turn([&] { return ids.size() >= 310; }));
  for (int n = 1; n <= 310; ++n)
    CHECK(ids[static_cast<std::size_t>(n - 1)] == "A" + std::to_string(n));
  CHECK(watch->counts().missing == 0);
  CHECK(watch->counts().strange == 0);
  CHECK(all.turn([&] { return all.spooled() == 0; }));
}

TEST_CASE("digests and, when asked for, events go the same way", "[fleet]") {
  TOCSIN_NEEDS_BROKER("digests and events go the same way");
  AgentLab all;
  all.daemon.backend.kept_events = {R"({"kind":"exec","pid":1})", R"({"kind":"exec","pid":2})"};
  all.start(1, {"fleet.digest_interval_s=1", "fleet.telemetry=true"});
  const auto subjects = Subjects::of_site("main").value();
  const auto centre = connect(all.daemon.loop, operator_options(all.lab));
  std::vector<nlohmann::json> digests;
  std::string events;
  auto one = StreamReader::start(
      *centre, {.stream = kStreamDigests, .subject = subjects.every(Kind::kDigest)},
      [&](Message m) { digests.push_back(nlohmann::json::parse(m.data)); });
  auto other = StreamReader::start(
      *centre, {.stream = kStreamEvents, .subject = subjects.every(Kind::kEvents)},
      [&](Message m) { events += m.data; });
  REQUIRE((one && other));
  REQUIRE(all.turn([&] { return digests.size() >= 2 && !events.empty(); }));
  // Each period once: the next begins where the last ended, to the second.
  CHECK(std::abs(digests[1]["from"].get<double>() - digests[0]["to"].get<double>()) < 1.0);
  CHECK(digests[0]["host"] == "web-1");
  CHECK(digests[0]["seen"].is_array());
  CHECK(events == "{\"kind\":\"exec\",\"pid\":1}\n{\"kind\":\"exec\",\"pid\":2}\n");
}

TEST_CASE("a host that falls silent is an alert, and so is its return", "[fleet]") {
  TOCSIN_NEEDS_BROKER("a host that falls silent is an alert");
  AgentLab all;
  all.start(1);
  const auto subjects = Subjects::of_site("main").value();
  const auto centre = connect(all.daemon.loop, operator_options(all.lab));
  const auto watch = Watch::start(all.daemon.loop, *centre, subjects, {}).value();
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
