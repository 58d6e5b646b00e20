// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "relay/webhook_sender.hpp"

#include <filesystem>

#include "support/temp_dir.hpp"
#include "support/test.hpp"
#include "support/tls_server.hpp"

using namespace tocsin;
using namespace tocsin::relay;
using test::Page;

namespace {

constexpr std::uint64_t kRoundUs = 20'000;
constexpr int kRoundsMost = 1'500;  // 30 s

// A real HTTPS receiver, a real spool, and one sender between.
class Bench {
 public:
  Bench()
      : loop(std::move(*EventLoop::create())),
        spool(std::move(*Spool::open(dir.file("spool.db"), 1 << 20, clock.wall_ns()))) {
    config.name = "siem";
    config.url = server.url("/in");
    config.ca_file = server.ca_file();
    config.per_minute = 60'000;
    config.timeout_s = 5;
    server.set("/in", {.status = 200});
    REQUIRE(spool.set_receivers({{"siem"}}, true, clock.wall_ns()));
  }

  void start() {
    auto started = WebhookSender::start(config, {.loop = loop,
                                                 .clock = clock,
                                                 .spool = spool,
                                                 .on_change = [] {},
                                                 .retry = {.first_ms = 20, .last_ms = 100}});
    REQUIRE(started);
    sender = std::move(*started);
  }

  void add(int from, int to) {
    std::vector<SpooledAlert> batch;
    for (int n = from; n < to; ++n)
      batch.push_back({.seq = 0,
                       .id = "A" + std::to_string(n),
                       .severity = Severity::kHigh,
                       .json = "{\"n\":" + std::to_string(n) + "}",
                       .time_ns = 0});
    REQUIRE(spool.add(batch, clock.wall_ns()));
    if (sender) sender->poke();
  }

  // Turns the loop until it is so.
  bool until(const std::function<bool()>& so) {
    for (int i = 0; i < kRoundsMost; ++i) {
      if (so()) return true;
      REQUIRE(loop.run_once(kRoundUs));
    }
    return false;
  }
  bool until_delivered(std::uint64_t count) {
    return until([&] { return spool.counts("siem")->delivered >= count; });
  }
  std::string message() { return sender->report()["message"].get<std::string>(); }
  bool until_failed() {
    return until([&] { return sender->report()["failures"].get<int>() > 0; });
  }

  test::TempDir dir;
  SystemClock clock;
  EventLoop loop;
  test::TlsServer server;
  Spool spool;
  WebhookConfig config;
  std::unique_ptr<WebhookSender> sender;
};

std::string secret(Bench& bench, const std::string& text) {
  const auto file = bench.dir.write("secret", text);
  std::filesystem::permissions(file, std::filesystem::perms(0600));
  return file;
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("alerts arrive in order, each once, and say who they are", "[webhook]") {
  Bench bench;
  bench.add(0, 3);
  bench.config.token_file = secret(bench, "t0ken");
  bench.config.hmac_file = bench.config.token_file;
  bench.start();
  REQUIRE(bench.until_delivered(3));
  bench.add(3, 5);
  REQUIRE(bench.until_delivered(5));
  CHECK(bench.server.bodies() ==
        std::vector<std::string>{"{\"n\":0}", "{\"n\":1}", "{\"n\":2}", "{\"n\":3}", "{\"n\":4}"});
  const auto head = bench.server.requests()[4];
  CHECK(head.starts_with("POST /in HTTP/1.1\r\n"));
  CHECK(has(head, "\r\nX-Tocsin-Alert-Id: A4\r\n"));
  CHECK(has(head, "\r\nAuthorization: Bearer t0ken\r\n"));
  CHECK(has(head, "\r\nX-Tocsin-Signature: sha256="));
  CHECK(has(head, "\r\nContent-Type: application/json\r\n"));
  const auto report = bench.sender->report();
  CHECK(report["state"] == "ok");
  CHECK(report["delivered"] == 5);
  CHECK(report["waiting"] == 0);
  CHECK_FALSE(has(report.dump(), "t0ken"));
}

TEST_CASE("a receiver that fails gets the same alert again", "[webhook]") {
  Bench bench;
  bench.add(0, 2);
  bench.server.set("/in", {.status = 503});
  bench.start();
  REQUIRE(bench.until_failed());
  CHECK(has(bench.message(), "answers 503"));
  CHECK(bench.sender->report()["state"] == "retrying");
  CHECK(bench.spool.counts("siem")->waiting == 2);
  bench.server.set("/in", {.status = 204});
  REQUIRE(bench.until_delivered(2));
  CHECK(bench.sender->report()["state"] == "ok");
  const auto bodies = bench.server.bodies();
  REQUIRE(bodies.size() >= 3);
  CHECK(bodies[0] == "{\"n\":0}");
  CHECK(bodies[bodies.size() - 2] == "{\"n\":0}");
  CHECK(bodies.back() == "{\"n\":1}");
}

TEST_CASE("an alert that is refused again and again holds up no other", "[webhook]") {
  Bench bench;
  bench.add(0, 1);
  bench.server.set("/in", {.status = 413});
  bench.start();
  REQUIRE(bench.until([&] { return bench.spool.counts("siem")->refused == 1; }));
  CHECK(bench.server.bodies().size() == limits::kWebhookRefusalsMax);
  CHECK(has(bench.message(), "answers 413"));
  bench.server.set("/in", {.status = 200});
  bench.add(1, 2);
  REQUIRE(bench.until_delivered(1));
  CHECK(bench.server.bodies().back() == "{\"n\":1}");
  CHECK(bench.message().empty());
}

TEST_CASE("a receiver that does not answer, or that nobody vouches for", "[webhook]") {
  Bench bench;
  bench.add(0, 1);
  SECTION("says nothing") {
    bench.config.timeout_s = 1;
    bench.server.set("/in", {.status = 200, .silent = true});
    bench.start();
    REQUIRE(bench.until_failed());
    CHECK(has(bench.message(), "no answer within 1 s"));
  }
  SECTION("has a certificate of its own") {
    bench.config.ca_file.clear();
    bench.start();
    REQUIRE(bench.until_failed());
    CHECK(has(bench.message(), "certificate is not trusted"));
    CHECK(bench.server.requests().empty());
  }
  SECTION("sends elsewhere") {
    bench.server.set("/in", {.status = 302, .headers = {"Location: https://evil.example/"}});
    bench.start();
    REQUIRE(bench.until_failed());
    CHECK(has(bench.message(), "redirects are not followed"));
  }
  SECTION("wants a token that is not there") {
    bench.config.token_file = bench.dir.file("none");
    bench.start();
    REQUIRE(bench.until_failed());
    CHECK(has(bench.message(), bench.config.token_file));
    CHECK(bench.server.requests().empty());
  }
  CHECK(bench.spool.counts("siem")->waiting == 1);
}

TEST_CASE("an address that is a secret comes from a file and into no report", "[webhook]") {
  Bench bench;
  bench.add(0, 1);
  bench.config.url_file = secret(bench, bench.config.url + "-s3cret");
  bench.config.url.clear();
  bench.server.set("/in-s3cret", {.status = 500});
  bench.start();
  REQUIRE(bench.until_failed());
  CHECK_FALSE(has(bench.sender->report().dump(), "s3cret"));
  bench.server.set("/in-s3cret", {.status = 200});
  REQUIRE(bench.until_delivered(1));
}

TEST_CASE("stopping breaks a request off, and the alert stays", "[webhook]") {
  Bench bench;
  bench.add(0, 1);
  bench.config.timeout_s = 120;
  bench.server.set("/in", {.status = 200, .silent = true});
  bench.start();
  REQUIRE(bench.until([&] { return !bench.server.requests().empty(); }));
  bench.sender.reset();
  CHECK(bench.spool.counts("siem")->waiting == 1);
}

TEST_CASE("what a status means", "[webhook]") {
  for (const long good : {200L, 201L, 202L, 204L}) CHECK(verdict_of(good) == Verdict::kDelivered);
  for (const long refused : {400L, 413L, 422L}) CHECK(verdict_of(refused) == Verdict::kRefused);
  for (const long later : {0L, 301L, 401L, 403L, 404L, 408L, 429L, 500L, 503L})
    CHECK(verdict_of(later) == Verdict::kLater);
}

TEST_CASE("waits double, have jitter, and heed the receiver", "[webhook]") {
  const RetryRule rule;
  CHECK(retry_wait_ms(rule, 1, 0, std::nullopt) == 1'000);
  CHECK(retry_wait_ms(rule, 4, 0, std::nullopt) == 8'000);
  CHECK(retry_wait_ms(rule, 4, 1, std::nullopt) == 4'000);
  CHECK(retry_wait_ms(rule, 50, 0, std::nullopt) == 300'000);
  CHECK(retry_wait_ms(rule, 1, 0.5, 120) == 120'000);
  CHECK(retry_wait_ms(rule, 1, 0.5, 1'000'000'000'000) == 3'600'000);
}
