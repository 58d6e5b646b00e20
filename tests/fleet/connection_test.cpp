// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "fleet/connection.hpp"

#include "fleet/certificates.hpp"
#include "fleet/subjects.hpp"
#include "support/fleet_fixture.hpp"

using namespace tocsin;
using namespace tocsin::fleet;
using namespace tocsin::test;

TEST_CASE("hosts and operator speak over TLS, each as who its certificate says", "[fleet]") {
  TOCSIN_NEEDS_BROKER("hosts and operator speak over TLS");
  NatsLab lab({"web-1", "db-1"});
  lab.init();
  auto loop = EventLoop::create().value();
  const auto subjects = Subjects::of_site("main").value();
  const auto centre = connect(loop, operator_options(lab));
  const auto web = connect(loop, host_options(lab, "web-1"));

  std::vector<Message> seen;
  auto alerts = centre->subscribe(subjects.every(Kind::kAlert),
                                  [&](Message m) { seen.push_back(std::move(m)); });
  REQUIRE(alerts.has_value());
  REQUIRE(centre->flush(Millis(5'000)).has_value());
  REQUIRE(web->publish(subjects.up("web-1", Kind::kAlert), "{}").has_value());
  REQUIRE(turn_until(loop, [&] { return !seen.empty(); }));
  CHECK(subjects.parse_up(seen[0].subject).value().host == "web-1");
  CHECK(seen[0].data == "{}");

  // What is for all hosts: live, and straight from the stream.
  std::vector<Message> hunts;
  auto listening =
      web->subscribe(subjects.hunts(), [&](Message m) { hunts.push_back(std::move(m)); });
  REQUIRE(listening.has_value());
  REQUIRE(web->flush(Millis(5'000)).has_value());
  const auto stored = centre->request(subjects.hunt("h1"), "question", Millis(5'000));
  REQUIRE(stored.has_value());
  REQUIRE(turn_until(loop, [&] { return !hunts.empty(); }));
  CHECK(hunts[0].data == "question");
  const auto last = web->last_of(kStreamHunts, subjects.hunt("h1"), Millis(5'000));
  REQUIRE(last.has_value());
  CHECK(last->data == "question");
  CHECK(last->sequence == 1);
  CHECK(last->stored_ns > 0);
  const auto next = web->next_of(kStreamHunts, 1, subjects.hunts(), Millis(5'000));
  REQUIRE(next.has_value());
  CHECK(next->subject == subjects.hunt("h1"));
  const auto none = web->next_of(kStreamHunts, 2, subjects.hunts(), Millis(5'000));
  REQUIRE(!none.has_value());
  CHECK(none.error().code == ErrorCode::kNotFound);
}

TEST_CASE("a server without the fleet's name, or of another CA, is refused", "[fleet]") {
  TOCSIN_NEEDS_BROKER("a server without the fleet's name is refused");
  NatsLab lab({"web-1"});
  NatsLab other({"web-1"});
  auto loop = EventLoop::create().value();
  auto options = host_options(lab, "web-1");
  options.servers = other.urls();
  CHECK(!Connection::open(loop, options).has_value());
  // Without a time to wait it goes on trying, and says why it has not come.
  options.wait.reset();
  const auto trying = connect(loop, options);
  CHECK(!turn_until(
      loop, [&] { return trying->connected(); }, Millis(500)));
  CHECK(!trying->last_error().empty());
}

TEST_CASE("neither a host nor a server of another name can pose as a broker", "[fleet]") {
  TOCSIN_NEEDS_BROKER("nobody else can pose as a broker");
  NatsLab lab({"web-1", "db-1"});
  auto loop = EventLoop::create().value();
  const auto options = host_options(lab, "web-1");
  CHECK(Connection::open(loop, options).has_value());
  const auto db = host_options(lab, "db-1");
  lab.restart_as(0, db.tls.certificate, db.tls.key);
  CHECK(!Connection::open(loop, options).has_value());
  const KeyPair ca{read_text(lab.folder() + "/ca.pem"), read_text(lab.folder() + "/ca.key")};
  const auto other =
      issue(ca, {.name = "127.0.0.1", .places = {"127.0.0.1", "localhost"}, .server = true});
  REQUIRE(other.has_value());
  lab.restart_as(0, other->certificate, other->key);
  CHECK(!Connection::open(loop, options).has_value());
  const auto right = issue(
      ca, {.name = "127.0.0.1", .places = {"127.0.0.1", "server.tocsin-fleet"}, .server = true});
  REQUIRE(right.has_value());
  lab.restart_as(0, right->certificate, right->key);
  CHECK(Connection::open(loop, options).has_value());
}
