// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// A feed from a real HTTPS server, signed by the real minisign, up to what the daemon is given.
#include "relay/feed_update.hpp"

#include <cstdlib>

#include "relay/fetch.hpp"
#include "support/test.hpp"
#include "support/tls_server.hpp"
#include "unit/indicators/index_fixture.hpp"

using namespace tocsin;
using namespace tocsin::relay;
using tocsin::test::Page;
using tocsin::test::TempDir;
using tocsin::test::TlsServer;

namespace {

struct Bench {
  TempDir dir;
  TlsServer server;
  VirtualClock clock;
  Warninglists lists;
  FeedConfig feed;
  FeedState state;
  std::vector<std::string> imported;
  Result<nlohmann::json> answer = nlohmann::json{{"accepted", 1}};

  Bench() {
    REQUIRE(run("minisign -G -W -p k.pub -s k.sec"));
    feed.name = feed.set = "cert";
    feed.url = server.url("/cert.ioc");
    feed.native = true;
    feed.ca_file = server.ca_file();
    feed.keys = {MinisignKey::parse(test::read_text(dir / "k.pub")).value()};
  }
  bool run(const std::string& command) const {
    return std::system(
               ("cd " + dir.path().string() + " && " + command + " >/dev/null 2>&1").c_str()) == 0;
  }
  // Serves content with a signature over signed_content.
  void publish(const std::string& content, const std::string& comment,
               const std::string& secret = "k.sec") {
    dir.write("cert.ioc", content);
    REQUIRE(run("minisign -S -s " + secret + " -m cert.ioc -x s -t '" + comment + "'"));
    server.set("/cert.ioc", {.body = content, .headers = {}});
    server.set("/cert.ioc.minisig", {.body = test::read_text(dir / "s"), .headers = {}});
  }
  const FeedState& update(bool accept_shrunk = false) {
    const FeedUpdate update({.clock = clock,
                             .guard = test::guard(),
                             .lists = lists,
                             .import =
                                 [this](const std::string&, std::string_view native, bool) {
                                   imported.emplace_back(native);
                                   return answer;
                                 },
                             .stalled_s = 1});
    state = update.run(feed, std::move(state), accept_shrunk);
    return state;
  }
  void refused(std::string_view why) {
    const auto before = imported.size();
    update();
    INFO(state.message);
    CHECK(state.state == "failed");
    CHECK(state.message.find(why) != std::string::npos);
    CHECK(imported.size() == before);
  }
};

constexpr WallNs kDay = 86'400 * kNsPerSecond;
constexpr WallNs kToday = 20'000 * kDay;
constexpr const char* kOne = "# set: anything\ndomain,one.example.net\n";
constexpr const char* kTwo = "# set: anything\ndomain,two.example.net\n";

}  // namespace

TEST_CASE("a signed feed is taken, and taken again when it rises", "[feed_update]") {
  Bench bench;
  bench.publish(kOne, "sequence:5");
  bench.update();
  INFO(bench.state.message);
  REQUIRE(bench.state.state == "ok");
  REQUIRE(bench.imported.size() == 1);
  CHECK(bench.imported[0].starts_with("# set: cert\n"));
  CHECK(bench.imported[0].find("domain,one.example.net") != std::string::npos);
  CHECK(bench.state.sequence == 5);
  bench.update();  // the same again is no news
  CHECK(bench.state.state == "ok");
  CHECK(bench.imported.size() == 1);
  bench.publish(kTwo, "sequence:6");
  bench.update();
  CHECK(bench.imported.size() == 2);
  bench.publish(kOne, "sequence:5");
  bench.refused("an old version is being replayed");
  bench.publish(kOne, "sequence:6");
  bench.refused("not above 6");
  CHECK(bench.state.sequence == 6);
  bench.publish(kOne, "sequence:7");
  CHECK(bench.update().state == "ok");
}

TEST_CASE("what is not signed as it should be is refused", "[feed_update]") {
  Bench bench;
  bench.publish(kOne, "sequence:1");
  bench.server.set("/cert.ioc", {.body = kTwo, .headers = {}});
  bench.refused("the signature does not fit the content");
  REQUIRE(bench.run("minisign -G -W -p other.pub -s other.sec"));
  bench.publish(kOne, "sequence:1", "other.sec");
  bench.refused("a key that the feed does not name");
  bench.publish(kOne, "no number");
  bench.refused("has no sequence:N");
  bench.publish(kOne, "sequence:1 file:other.ioc");
  bench.refused("it is signed as the file other.ioc, not cert.ioc");
  bench.server.set("/cert.ioc.minisig", {.body = "nonsense", .headers = {}});
  bench.refused("signature: ");
  bench.server.set("/cert.ioc.minisig", {.status = 404, .body = {}, .headers = {}});
  bench.refused("the server answers 404");
  bench.publish(kOne, "sequence:1 file:cert.ioc");
  CHECK(bench.update().state == "ok");
  CHECK(bench.state.failures == 0);
}

TEST_CASE("an unsigned feed is taken only because its feed says so", "[feed_update]") {
  Bench bench;
  bench.feed.keys.clear();
  bench.feed.is_unsigned = true;
  bench.server.set("/cert.ioc", {.body = kOne, .headers = {"ETag: \"v1\""}});
  CHECK(bench.update().state == "ok");
  CHECK(bench.update().state == "ok");
  CHECK(bench.imported.size() == 1);
  const auto requests = bench.server.requests();
  REQUIRE(requests.size() == 2);
  CHECK(requests[1].find("If-None-Match: \"v1\"") != std::string::npos);
}

TEST_CASE("what a source still publishes is imported again before it expires", "[feed_update]") {
  Bench bench;
  bench.feed.keys.clear();
  bench.feed.is_unsigned = true;
  bench.feed.expires_s = 7 * 86'400;
  bench.clock.advance_to(kToday);
  bench.server.set("/cert.ioc", {.body = kOne, .headers = {"ETag: \"v1\""}});
  CHECK(bench.update().state == "ok");
  bench.clock.advance_to(kToday + 3 * kDay);
  CHECK(bench.update().state == "ok");
  CHECK(bench.imported.size() == 1);
  bench.clock.advance_to(kToday + 4 * kDay);
  CHECK(bench.update().state == "ok");
  REQUIRE(bench.imported.size() == 2);
  CHECK(bench.imported[0] != bench.imported[1]);  // the day of expiry moved
  CHECK(bench.server.requests()[2].find("If-None-Match") == std::string::npos);
}

TEST_CASE("a server that misbehaves is left with a clear word", "[feed_update]") {
  Bench bench;
  bench.feed.bytes_max = 2048;
  bench.server.set("/cert.ioc", {.body = std::string(4096, 'x'), .headers = {}});
  bench.refused("longer than 2048 bytes");
  bench.server.set("/cert.ioc", {.body = "domain,a.example\n", .headers = {}, .endless = true});
  bench.refused("longer than 2048 bytes");
  bench.server.set("/cert.ioc", {.body = std::string(1000, 'x'), .headers = {}, .stall = true});
  bench.refused("too slow");
  bench.server.set("/cert.ioc",
                   {.status = 302, .body = {}, .headers = {"Location: http://127.0.0.1:1/x"}});
  bench.refused("leads to something that is not https");
  bench.server.set(
      "/cert.ioc",
      {.status = 302, .body = {}, .headers = {"Location: " + bench.server.url("/cert.ioc")}});
  bench.refused("more than 3 redirects");
  bench.server.set("/cert.ioc", {.status = 500, .body = {}, .headers = {}});
  bench.refused("the server answers 500");
  bench.feed.ca_file.clear();
  bench.refused("its certificate is not trusted");
}

TEST_CASE("a feed without indicators is refused, a shrunk one waits", "[feed_update]") {
  Bench bench;
  bench.publish("# set: x\n# nothing\n", "sequence:1");
  bench.refused("there is no indicator in it");
  bench.publish(kOne, "sequence:2");
  bench.answer = fail(ErrorCode::kLimit, "less than half");
  CHECK(bench.update().state == "held");
  CHECK(bench.state.message == "less than half");
  CHECK_FALSE(bench.state.sequence);  // so that it can be taken once a person agrees
  bench.answer = nlohmann::json{{"accepted", 1}};
  CHECK(bench.update(true).state == "ok");
  CHECK(bench.state.sequence == 2);
}

TEST_CASE("an ordinary publication is converted on the way", "[feed_update]") {
  Bench bench;
  bench.feed.native = false;
  bench.feed.severity = Severity::kLow;
  bench.publish("Indicators of compromise\n\nevil-one[.]example[.]net\n198.51.100[.]7\n",
                "sequence:1");
  bench.update();
  INFO(bench.state.message);
  REQUIRE(bench.state.state == "ok");
  CHECK(bench.imported[0].find("# severity: low") != std::string::npos);
  CHECK(bench.imported[0].find("evil-one[.]example[.]net") != std::string::npos);
}

TEST_CASE("a key in a feed's address is used and never told", "[feed_update]") {
  Bench bench;
  bench.publish(kOne, "sequence:5 file:cert.ioc");
  bench.server.set("/cert.ioc?apikey=s3cret", {.body = kOne, .headers = {}});
  bench.server.set("/cert.ioc.minisig?apikey=s3cret",
                   {.body = test::read_text(bench.dir / "s"), .headers = {}});
  bench.feed.url = bench.server.url("/cert.ioc?apikey=s3cret");
  bench.update();
  INFO(bench.state.message);
  REQUIRE(bench.state.state == "ok");
  REQUIRE(bench.imported.size() == 1);
  CHECK(bench.imported[0].find("# source: " + bench.server.url("/cert.ioc?…")) !=
        std::string::npos);
  CHECK(bench.imported[0].find("s3cret") == std::string::npos);
  const auto told = [&] { return to_json("cert", bench.state).dump() + told_address(bench.feed); };
  CHECK(told().find("s3cret") == std::string::npos);
  bench.feed.url = bench.server.url("/none?apikey=s3cret");
  bench.refused("/none?…: the server answers 404");
  bench.feed.url = "https://127.0.0.1:1/none?apikey=s3cret";
  bench.refused("https://127.0.0.1:1/none?…: ");
  CHECK(told().find("s3cret") == std::string::npos);
}

TEST_CASE("a feed's address and token may stand in files", "[feed_update]") {
  Bench bench;
  bench.feed.keys.clear();
  bench.feed.is_unsigned = true;
  bench.server.set("/s3cret/cert.ioc", {.body = kOne, .headers = {}});
  const auto keep = [&](const char* name, const std::string& text) {
    const auto file = bench.dir.write(name, text + "\n");
    REQUIRE(bench.run(std::string("chmod 600 ") + name));
    return file;
  };
  bench.feed.url.clear();
  bench.feed.url_file = keep("address", bench.server.url("/s3cret/cert.ioc"));
  bench.feed.token_file = keep("token", "t0ken");
  bench.update();
  INFO(bench.state.message);
  REQUIRE(bench.state.state == "ok");
  REQUIRE(bench.server.requests().size() == 1);
  CHECK(bench.server.requests()[0].find("Authorization: Bearer t0ken\r\n") != std::string::npos);
  CHECK(bench.imported[0].find("s3cret") == std::string::npos);
  CHECK(told_address(bench.feed) == "from " + bench.feed.url_file);
  bench.state.sequence = 9;  // a new key in the file makes no new feed of it
  keep("address", bench.server.url("/other/cert.ioc"));
  bench.refused("/…: the server answers 404");
  CHECK(bench.state.message.find("other") == std::string::npos);
  CHECK(bench.state.sequence == 9);
  keep("address", "http://127.0.0.1/");
  bench.refused("an https:// address is expected");
}

TEST_CASE("a token does not follow a redirect to another host", "[feed_update]") {
  Bench bench;
  const TlsServer other;
  bench.feed.keys.clear();
  bench.feed.is_unsigned = true;
  bench.feed.token_file = bench.dir.write("token", "t0ken\n");
  REQUIRE(bench.run("chmod 600 token"));
  REQUIRE(bench.run("(cat " + bench.server.ca_file() + " " + other.ca_file() + " > both.pem)"));
  bench.feed.ca_file = bench.dir.file("both.pem");
  bench.server.set("/cert.ioc",
                   {.status = 302, .body = {}, .headers = {"Location: " + other.url("/x.ioc")}});
  bench.refused("the server answers 404");
  REQUIRE(other.requests().size() == 1);
  CHECK(other.requests()[0].find("t0ken") == std::string::npos);
}

TEST_CASE("failures are tried again sooner, then ever later", "[feed_update]") {
  FeedConfig feed;
  feed.interval_s = 3600;
  FeedState state;
  const auto wait_s = [&](std::uint64_t failures) {
    state.failures = failures;
    return next_try(feed, state, 0, 0.5) / kNsPerSecond;
  };
  CHECK(wait_s(0) == 3600);
  CHECK(wait_s(1) == 60);
  CHECK(wait_s(3) == 240);
  CHECK(wait_s(1000) == 3600);
  CHECK(next_try(feed, state, 0, 0) < next_try(feed, state, 0, 1));
}

TEST_CASE("the state of feeds survives a restart, a damaged one is told", "[feed_update]") {
  const TempDir dir;
  const auto file = dir.file("feeds.json");
  CHECK(load_feed_states(file)->empty());
  FeedStates states;
  states["a"].sequence = 18'446'744'073'709'551'615U;
  states["a"].etag = "\"x\"";
  states["a"].last_ok_ns = 1'700'000'000'500'000'000;
  states["b"].state = "failed";
  REQUIRE(save_feed_states(file, states));
  const auto loaded = load_feed_states(file).value();
  CHECK(loaded.at("a").sequence == states["a"].sequence);
  CHECK(loaded.at("a").etag == "\"x\"");
  CHECK(loaded.at("a").last_ok_ns == 1'700'000'000'500'000'000);
  CHECK_FALSE(loaded.at("b").sequence);
  dir.write("feeds.json", "[{\"name\":");
  CHECK_FALSE(load_feed_states(file));
}
