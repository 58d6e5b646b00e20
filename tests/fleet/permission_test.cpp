// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// What a host's credentials must not do, tried against the real broker with the shipped rights.
#include <nats/nats.h>

#include <string>
#include <vector>

#include "fleet/stream_reader.hpp"
#include "fleet/watch.hpp"
#include "support/fleet_fixture.hpp"

using namespace tocsin;
using namespace tocsin::fleet;
using namespace tocsin::test;

namespace {

struct Fixture {
  EventLoop loop = EventLoop::create().value();
  Subjects subjects = Subjects::of_site("main").value();
  NatsLab lab{{"web-1", "db-1"}};
  std::unique_ptr<Connection> centre, web, db;

  Fixture() {
    lab.init();
    centre = connect(loop, operator_options(lab));
    web = connect(loop, host_options(lab, "web-1"));
    db = connect(loop, host_options(lab, "db-1"));
  }
  // Whether the broker said no to what was done just now.
  bool refused(Connection& who, const std::function<void()>& act) {
    const auto before = who.refusals();
    act();
    (void)who.flush(Millis(5'000));
    return turn_until(
        loop, [&] { return who.refusals() > before; }, Millis(2'000));
  }
  std::size_t stored(const char* stream, const std::string& subject) {
    std::size_t count = 0;
    const auto read = read_all(*centre, {.stream = stream, .subject = subject}, [&](Message) {
      ++count;
      return true;
    });
    REQUIRE(read.has_value());
    return count;
  }
};

}  // namespace

TEST_CASE("a host publishes as itself only", "[fleet]") {
  TOCSIN_NEEDS_BROKER("a host publishes as itself only");
  Fixture f;
  CHECK(!f.refused(*f.web, [&] {
    CHECK(f.web->publish(f.subjects.up("web-1", Kind::kAlert), "{}").has_value());
  }));
  for (const auto& subject :
       {f.subjects.up("db-1", Kind::kAlert), f.subjects.up("db-1", Kind::kBeat),
        f.subjects.hunt("h1"), f.subjects.manifest("fleet"), f.subjects.chunk("fleet", 1, 0),
        std::string("_INBOX_db-1.x"), std::string("tocsin.other.up.web-1.alert"),
        std::string("$JS.API.STREAM.DELETE.TOCSIN_ALERTS"),
        std::string("$JS.API.STREAM.PURGE.TOCSIN_ALERTS"),
        std::string("$JS.API.CONSUMER.CREATE.TOCSIN_ALERTS"),
        std::string("$JS.API.STREAM.INFO.TOCSIN_ALERTS"),
        std::string("$JS.API.STREAM.MSG.GET.TOCSIN_ALERTS"),
        std::string("$JS.API.DIRECT.GET.TOCSIN_ALERTS"), std::string("$SYS.REQ.SERVER.PING")}) {
    INFO(subject);
    CHECK(f.refused(*f.web, [&] { CHECK(f.web->publish(subject, "{}").has_value()); }));
  }
  CHECK(f.stored(kStreamAlerts, f.subjects.every(Kind::kAlert)) == 1);
  CHECK(f.stored(kStreamHunts, f.subjects.hunts()) == 0);
}

TEST_CASE("a host hears nothing of another", "[fleet]") {
  TOCSIN_NEEDS_BROKER("a host hears nothing of another");
  Fixture f;
  std::vector<std::string> heard;
  std::vector<Subscription> listening;
  for (const auto& subject :
       {f.subjects.every_kind(), f.subjects.every(Kind::kReply), f.subjects.up("db-1", Kind::kBeat),
        std::string("_INBOX_db-1.>"), std::string("_INBOX_OPERATOR.>"), std::string("_INBOX.>"),
        std::string(">"), std::string("$JS.>"), std::string("$SYS.>"), f.subjects.sets()}) {
    INFO(subject);
    CHECK(f.refused(*f.web, [&] {
      auto one = f.web->subscribe(subject, [&](Message m) { heard.push_back(m.subject); });
      REQUIRE(one.has_value());
      listening.push_back(std::move(*one));
    }));
  }
  // Real traffic of the other host, with answers to its inbox.
  CHECK(f.db->publish(f.subjects.up("db-1", Kind::kAlert), "{}").has_value());
  CHECK(f.db->request(f.subjects.up("db-1", Kind::kReply), "{}", Millis(5'000)).has_value());
  CHECK(f.centre->request(f.subjects.hunt("h1"), "q", Millis(5'000)).has_value());
  turn_until(
      f.loop, [] { return false; }, Millis(300));
  CHECK(heard.empty());
  CHECK(!f.web->last_of(kStreamAlerts, f.subjects.up("db-1", Kind::kAlert), Millis(1'000))
             .has_value());
}

// The broker does not check where a publisher wants its answer: docs/fleet.md.
TEST_CASE("the broker's own words on another host's subject are no alerts", "[fleet]") {
  TOCSIN_NEEDS_BROKER("the broker's own words on another host's subject are no alerts");
  Fixture f;
  const auto own = f.subjects.up("web-1", Kind::kAlert);
  const auto foreign = f.subjects.up("db-1", Kind::kAlert);
  REQUIRE(natsConnection_PublishRequestString(f.web->handle(), own.c_str(), foreign.c_str(),
                                              R"({"event":{"id":"A1"}})") == NATS_OK);
  const auto watch = Watch::start(f.loop, *f.centre, f.subjects, {.since_ns = {}, .sequence = 1});
  REQUIRE(watch.has_value());
  std::vector<nlohmann::json> told;
  (*watch)->on_alert([&](const nlohmann::json& alert) { told.push_back(alert); });
  CHECK(f.web->flush(Millis(5'000)).has_value());
  turn_until(
      f.loop, [&] { return (*watch)->counts().strange >= 2; }, Millis(3'000));
  // The first was published by hand, without an id; the second is the broker's receipt for it.
  CHECK((*watch)->counts().strange == 1 + f.stored(kStreamAlerts, foreign));
  CHECK(told.empty());
}

TEST_CASE("certificates of hosts are for clients of the broker only", "[fleet]") {
  TOCSIN_NEEDS_BROKER("certificates of hosts are for clients only");
  NatsLab lab({"web-1"}, 3);
  auto loop = EventLoop::create().value();
  // The brokers' own port, where others of the cluster are let in.
  auto options = host_options(lab, "web-1");
  options.servers = {lab.cluster_url(0)};
  options.wait = Millis(2'000);
  CHECK(!Connection::open(loop, options).has_value());
  const auto folder = lab.host_folder("web-1");
  const auto probe =
      run_program({"sh", "-c",
                   "sleep 1 | openssl s_client -quiet -connect " + lab.cluster_url(0) + " -cert " +
                       folder + "/host.pem -key " + folder + "/host.key 2>&1 | head -c 4096"});
  CHECK(probe.out.find("INFO {") == std::string::npos);
  // Who is not enrolled has no rights at all, though the CA is the same.
  lab.enroll({"late-1"});
  const auto late = host_options(lab, "late-1");
  std::unique_ptr<Connection> came;
  for (int i = 0; i < 50 && !came; ++i) {  // until the servers have read their rights again
    auto opened = Connection::open(loop, late);
    if (opened) came = std::move(*opened);
  }
  CHECK(came);
}
