// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// Against a real name server (dnsmasq) on loopback.
#include "relay/resolver.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <map>

#include "support/child.hpp"
#include "support/temp_dir.hpp"
#include "support/test.hpp"

using namespace tocsin;
using namespace tocsin::test;
using relay::Resolver;

namespace {

// A port that was free a moment ago.
std::uint16_t free_port() {
  const Fd fd(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* raw = reinterpret_cast<sockaddr*>(&address);
  REQUIRE(bind(fd.get(), raw, size) == 0);
  REQUIRE(getsockname(fd.get(), raw, &size) == 0);
  return ntohs(address.sin_port);
}

struct Bench {
  TempDir dir;
  std::uint16_t port = free_port();
  std::unique_ptr<Child> server;
  SystemClock clock;
  EventLoop loop = EventLoop::create().value();
  std::unique_ptr<Resolver> resolver;
  std::vector<Resolver::Answer> answers;

  explicit Bench(double per_second = 200) {
    server = std::make_unique<Child>(ChildOptions{
        .argv = {
            "dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts",
            "--listen-address=127.0.0.1", "--bind-interfaces", "--port=" + std::to_string(port),
            "--pid-file=", "--user=root", "--log-queries", "--log-facility=" + dir.file("log"),
            "--local-ttl=1", "--host-record=evil.tocsin-check.net,198.51.100.7,2001:db8::7",
            "--host-record=local.tocsin-check.net,127.0.0.1",
            "--host-record=inside.tocsin-check.net,10.1.2.3",
            "--host-record=sunk.tocsin-check.net,203.0.113.66",
            "--host-record=mixed.tocsin-check.net,198.51.100.8", "--local=/tocsin-check.net/"}});
    Resolver::Options options;
    options.servers = {"127.0.0.1:" + std::to_string(port)};
    options.per_second = per_second;
    options.floor_s = 1;
    options.ceiling_s = 2;
    Resolver::Callbacks callbacks;
    callbacks.is_sinkhole = [](const IpAddress& a) { return a.to_string() == "203.0.113.66"; };
    callbacks.on_answer = [this](Resolver::Answer a) { answers.push_back(std::move(a)); };
    resolver = Resolver::start(loop, clock, options, std::move(callbacks)).value();
    wait_for_server();
  }
  void wait_for_server() {
    const Millis limit(5000);
    const auto end = std::chrono::steady_clock::now() + limit;
    while (std::chrono::steady_clock::now() < end &&
           read_text(dir.file("log")).find("started") == std::string::npos)
      usleep(20'000);
  }
  template <typename Holds>
  bool until(Holds holds, int limit_ms = 6000) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(limit_ms);
    while (!holds()) {
      if (std::chrono::steady_clock::now() > end) return false;
      (void)loop.run_once(20'000);
    }
    return true;
  }
  std::size_t asked_log(const std::string& name) const {
    const auto log = read_text(dir.file("log"));
    std::size_t count = 0;
    for (auto at = log.find("query[A] " + name); at != std::string::npos;
         at = log.find("query[A] " + name, at + 1))
      ++count;
    return count;
  }
};

}  // namespace

TEST_CASE("indicator names are looked up, again when their time is over", "[resolver]") {
  Bench bench;
  bench.resolver->set_names({"evil.tocsin-check.net"});
  REQUIRE(bench.until([&] { return !bench.answers.empty(); }));
  const auto& answer = bench.answers[0];
  CHECK(answer.domain == "evil.tocsin-check.net");
  CHECK(answer.ttl_s == 1);
  CHECK(answer.server == "127.0.0.1:" + std::to_string(bench.port));
  std::vector<std::string> addresses;
  for (const auto& address : answer.addresses) addresses.push_back(address.to_string());
  std::ranges::sort(addresses);
  CHECK(addresses == std::vector<std::string>{"198.51.100.7", "2001:db8::7"});
  CHECK(bench.until([&] { return bench.answers.size() >= 2; }));
  bench.resolver->set_names({});
  const auto asked = bench.resolver->counters().asked;
  (void)bench.until([] { return false; }, 1500);
  CHECK(bench.resolver->counters().asked <= asked + 1);  // one may have been on its way
}

TEST_CASE("addresses that say nothing are dropped and counted", "[resolver]") {
  Bench bench;
  bench.resolver->set_names({"local.tocsin-check.net", "inside.tocsin-check.net",
                             "sunk.tocsin-check.net", "mixed.tocsin-check.net",
                             "none.tocsin-check.net"});
  REQUIRE(bench.until([&] {
    const auto& c = bench.resolver->counters();
    return c.answered >= 4 && c.none >= 1;
  }));
  const auto& dropped = bench.resolver->counters().dropped;
  CHECK(dropped[static_cast<std::size_t>(Unwatched::kLoopback)] >= 1);
  CHECK(dropped[static_cast<std::size_t>(Unwatched::kPrivate)] >= 1);
  CHECK(dropped[static_cast<std::size_t>(Unwatched::kSinkhole)] >= 1);
  for (const auto& answer : bench.answers) CHECK(answer.domain == "mixed.tocsin-check.net");
}

TEST_CASE("reserved names never leave the host", "[resolver]") {
  for (const auto* name : {"x.test", "test", "a.example", "a.example.com", "example.org", "b.local",
                           "c.onion", "1.168.192.in-addr.arpa"})
    CHECK(relay::is_reserved_name(name));
  for (const auto* name : {"evil.net", "notexample.com", "contest", "a.test.net"})
    CHECK_FALSE(relay::is_reserved_name(name));
  Bench bench;
  bench.resolver->set_names({"selftest.test", "evil.tocsin-check.net"});
  CHECK(bench.resolver->counters().names == 1);
  CHECK(bench.resolver->counters().left_out == 1);
  REQUIRE(bench.until([&] { return !bench.answers.empty(); }));
  CHECK(bench.asked_log("selftest.test") == 0);
  CHECK(bench.asked_log("evil.tocsin-check.net") >= 1);
}

TEST_CASE("many names are asked for slowly", "[resolver]") {
  Bench bench(10);
  std::vector<std::string> names;
  for (int i = 0; i < 100; ++i) names.push_back("n" + std::to_string(i) + ".tocsin-check.net");
  bench.resolver->set_names(names);
  (void)bench.until([] { return false; }, 2000);
  const auto asked = bench.resolver->counters().asked;
  CHECK(asked >= 3);
  CHECK(asked <= 26);  // ten a second, and a burst
}

TEST_CASE("a server that is no address is refused", "[resolver]") {
  auto loop = EventLoop::create().value();
  const SystemClock clock;
  Resolver::Options options;
  options.servers = {"not an address"};
  CHECK_FALSE(Resolver::start(loop, clock, options, {}));
}
