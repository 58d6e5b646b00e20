// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// The real agent, against the real control server and the real broker.
#include <signal.h>

#include <set>
#include <string>
#include <vector>

#include "fleet/store.hpp"
#include "fleet/watch.hpp"
#include "signature/base64.hpp"
#include "support/agent_lab.hpp"
#include "support/daemon.hpp"
#include "support/hunt_fixture.hpp"

using namespace tocsin;
using namespace tocsin::fleet;
using namespace tocsin::test;

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

TEST_CASE("alerts of before the enrolment stay where they are", "[fleet]") {
  TOCSIN_NEEDS_BROKER("alerts of before the enrolment stay where they are");
  AgentLab all;
  all.raise(1, 50, SystemClock().wall_ns() - 2 * kDayNs);
  all.raise(51, 60);
  all.start();
  const auto subjects = Subjects::of_site("main").value();
  const auto centre = connect(all.daemon.loop, operator_options(all.lab));
  const auto watch =
      Watch::start(all.daemon.loop, *centre, subjects, {.since_ns = {}, .sequence = 1}).value();
  std::vector<std::string> ids;
  watch->on_alert([&](const nlohmann::json& alert) { ids.push_back(at(alert, "event.id")); });
  REQUIRE(all.turn([&] { return ids.size() >= 10; }));
  CHECK(ids.front() == "A51");

  // The spool is lost, and with it what was sent: it is sent again under new numbers, told once.
  all.agent->signal(SIGTERM);
  REQUIRE(all.agent->wait(Millis(10'000)));
  all.state.write("spool.db", std::string(8'192, 'x'));
  all.raise(61, 62);
  all.start();
  REQUIRE(all.turn([&] { return ids.size() >= 12 && all.spooled() == 0; }));
  all.turn([] { return false; }, Millis(1'000));
  CHECK(ids.size() == 12);
  CHECK(ids.back() == "A62");
  CHECK(watch->counts().duplicates == 10);
}

TEST_CASE("one spool has one agent", "[fleet]") {
  TOCSIN_NEEDS_BROKER("one spool has one agent");
  AgentLab all;
  all.start();
  REQUIRE(all.turn([&] { return all.spooled() == 0; }));
  const auto first = std::move(all.agent);
  all.start();
  REQUIRE(all.turn([&] { return !all.agent->running(); }));
  CHECK(all.agent->wait(Millis(1'000)) == 2);
  CHECK(all.agent->err().find("another tocsin-fleet runs on it") != std::string::npos);
  CHECK(first->running());
}

TEST_CASE("a long hunt does not make a host silent", "[fleet]") {
  TOCSIN_NEEDS_BROKER("a long hunt does not make a host silent");
  AgentLab all;
  all.daemon.backend.hunts_wait = true;
  const auto key = Ed25519Key::generate().value();
  all.start(1, {"fleet.hunt_keys=[\"" + to_base64(key.public_key()) + "\"]"});
  const auto subjects = Subjects::of_site("main").value();
  const auto centre = connect(all.daemon.loop, operator_options(all.lab));
  int beats = 0;
  auto listening = centre->subscribe(subjects.every(Kind::kBeat), [&](const Message&) { ++beats; });
  REQUIRE(listening.has_value());
  const auto question =
      ask_about({"a.test"}, SystemClock().wall_ns() / kNsPerSecond * kNsPerSecond);
  REQUIRE(store(*centre, subjects.hunt(question.id), sign_question(question, key).value()));
  REQUIRE(all.turn([&] { return all.daemon.backend.hunts.size() == 1; }));
  const int before = beats;
  CHECK(all.turn([&] { return beats >= before + 3; }));
}
