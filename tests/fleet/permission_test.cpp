// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// What a host's credentials must not do, tried against the real broker with the shipped rights.
#include <nats/nats.h>

#include <string>
#include <utility>
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
  NatsLab lab;
  std::unique_ptr<Connection> centre, web, db;

  explicit Fixture(int servers = 1) : lab({"web-1", "db-1"}, servers) {
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
  std::vector<std::string> kept(const char* stream, const std::string& subject) const {
    std::vector<std::string> texts;
    const auto read = read_all(*centre, {.stream = stream, .subject = subject}, [&](Message m) {
      texts.push_back(std::move(m.data));
      return true;
    });
    INFO((read ? std::string() : read.error().message));
    REQUIRE(read.has_value());
    return texts;
  }
  [[nodiscard]] std::size_t stored(const char* stream, const std::string& subject) const {
    return kept(stream, subject).size();
  }
  // What another host and the centre have said. Digests are left to web-1, so that its receipts
  // count from 1.
  void say(int times) const {
    for (int i = 0; i < times; ++i)
      for (const auto kind : {Kind::kAlert, Kind::kBeat, Kind::kEvents, Kind::kReply})
        REQUIRE(db->request(subjects.up("db-1", kind), "said by db-1", Millis(5'000)).has_value());
    for (const auto& subject : {subjects.hunt("h1"), subjects.manifest("fleet")})
      REQUIRE(centre->request(subject, "said by the centre", Millis(5'000)).has_value());
  }
  void check_all_is_kept(std::size_t times) const {
    for (const auto& [stream, kind] :
         {std::pair(kStreamAlerts, Kind::kAlert), std::pair(kStreamEvents, Kind::kEvents),
          std::pair(kStreamReplies, Kind::kReply)}) {
      INFO(stream);
      CHECK(kept(stream, subjects.up("db-1", kind)) ==
            std::vector<std::string>(times, "said by db-1"));
    }
    CHECK(stored(kStreamDigests, subjects.up("db-1", Kind::kDigest)) == 0);
    CHECK(kept(kStreamBeats, subjects.up("db-1", Kind::kBeat)) ==
          std::vector<std::string>{"said by db-1"});
    const std::vector<std::string> centres = {"said by the centre"};
    CHECK(kept(kStreamHunts, subjects.hunts()) == centres);
    CHECK(kept(kStreamSets, subjects.sets()) == centres);
  }
  // As web-1: every word that it may say, with the answer to be sent to this subject.
  void aim(const std::string& at, int times = 1) const {
    const auto hunt = subjects.hunt("h1");
    const std::string latest = R"({"last_by_subj":")" + hunt + "\"}";
    for (int i = 0; i < times; ++i)
      for (const auto& [subject, data] :
           {std::pair(subjects.up("web-1", Kind::kDigest), std::string("{}")),
            std::pair(std::string("$JS.API.DIRECT.GET.TOCSIN_HUNTS"), latest),
            std::pair("$JS.API.DIRECT.GET.TOCSIN_HUNTS." + hunt, std::string())})
        REQUIRE(natsConnection_PublishRequestString(web->handle(), subject.c_str(), at.c_str(),
                                                    data.c_str()) == NATS_OK);
  }
  // Until the broker is through with it: what is asked later is answered later.
  void settle() {
    REQUIRE(web->request(subjects.up("web-1", Kind::kDigest), "{}", Millis(10'000)).has_value());
    turn_until(
        loop, [] { return false; }, Millis(500));
  }
};

constexpr int kSaid = 20;

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

// The broker does not check where a publisher wants its answer, and sends it with its own rights:
// docs/fleet.md.
TEST_CASE("a host has the broker purge or delete nothing", "[fleet]") {
  TOCSIN_NEEDS_BROKER("a host has the broker purge or delete nothing");
  for (const int servers : {1, 3}) {
    INFO(servers << " brokers");
    Fixture f(servers);
    f.say(kSaid);
    // The receipt says {"seq":N}, which is what this takes.
    for (int i = 0; i < kSaid; ++i)
      for (const char* stream : kStreams) f.aim(std::string("$JS.API.STREAM.MSG.DELETE.") + stream);
    for (const char* stream : kStreams) f.aim(std::string("$JS.API.STREAM.PURGE.") + stream);
    f.settle();
    f.check_all_is_kept(kSaid);
    for (const char* stream : kStreams) f.aim(std::string("$JS.API.STREAM.DELETE.") + stream);
    f.settle();
    f.check_all_is_kept(kSaid);
    CHECK(f.stored(kStreamDigests, f.subjects.up("web-1", Kind::kDigest)) > 7 * kSaid);
  }
}

TEST_CASE("a host puts nothing on the subjects of another or of the centre", "[fleet]") {
  TOCSIN_NEEDS_BROKER("a host puts nothing on the subjects of another");
  for (const int servers : {1, 3}) {
    INFO(servers << " brokers");
    Fixture f(servers);
    f.say(2);
    for (const auto kind : {Kind::kAlert, Kind::kBeat, Kind::kDigest, Kind::kEvents, Kind::kReply})
      f.aim(f.subjects.up("db-1", kind), 3);
    for (const auto& subject : {f.subjects.hunt("h1"), f.subjects.hunt("h2"),
                                f.subjects.manifest("fleet"), f.subjects.chunk("fleet", 1, 0)})
      f.aim(subject, 3);
    // More than a stream keeps of one host: its answer would be gone.
    f.aim(f.subjects.up("db-1", Kind::kReply), 600);
    f.settle();
    f.check_all_is_kept(2);
  }
}

TEST_CASE("what stands on a host's subject without an id of it is no alert", "[fleet]") {
  TOCSIN_NEEDS_BROKER("what stands on a host's subject without an id of it is no alert");
  Fixture f;
  const auto watch = Watch::start(f.loop, *f.centre, f.subjects, {.since_ns = {}, .sequence = 1});
  REQUIRE(watch.has_value());
  std::vector<nlohmann::json> told;
  (*watch)->on_alert([&](const nlohmann::json& alert) { told.push_back(alert); });
  const auto own = f.subjects.up("web-1", Kind::kAlert);
  CHECK(f.web->publish(own, R"({"event":{"id":"A1"}})").has_value());
  CHECK(turn_until(f.loop, [&] { return (*watch)->counts().strange == 1; }));
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
