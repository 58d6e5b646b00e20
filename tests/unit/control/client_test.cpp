// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "control/client.hpp"

#include <sys/socket.h>

#include <stop_token>
#include <string>
#include <thread>

#include "control/socket_address.hpp"
#include "support/control_bench.hpp"
#include "support/test.hpp"

using namespace tocsin;
using namespace tocsin::test;
using control::Client;
using nlohmann::json;
using std::chrono::milliseconds;

namespace {

// Serves on a thread of its own; the bench is only touched before it starts and after it ended.
class Serving {
 public:
  explicit Serving(ControlBench& bench)
      : thread_([&bench](const std::stop_token& stop) {
          while (!stop.stop_requested() && bench.loop.run_once(2000)) {
          }
        }) {}

 private:
  std::jthread thread_;
};

// Listens and never says a word.
struct Mute {
  explicit Mute(const std::string& path) : fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const auto address = control::socket_address(path);
    REQUIRE(bind(fd.get(), address->get(), address->length) == 0);
    REQUIRE(listen(fd.get(), 0) == 0);
  }
  Fd fd;
};

}  // namespace

TEST_CASE("no daemon is told from a daemon that refuses", "[control]") {
  TempDir dir;
  const auto none = Client::connect(dir.file("control.sock"));
  REQUIRE_FALSE(none);
  CHECK(none.error().code == ErrorCode::kNotFound);

  { const Mute gone(dir.file("stale.sock")); }
  CHECK(Client::connect(dir.file("stale.sock")).error().code == ErrorCode::kNotFound);
  CHECK(Client::connect(dir.write("file", "")).error().code == ErrorCode::kNotFound);
  CHECK(Client::connect(std::string(200, 'x')).error().code == ErrorCode::kInvalidInput);
}

TEST_CASE("a daemon that hangs is given up in time", "[control]") {
  TempDir dir;
  const Mute mute(dir.file("mute.sock"));
  const auto hangs = Client::connect(dir.file("mute.sock"), milliseconds(50));
  REQUIRE_FALSE(hangs);
  CHECK(hangs.error().code == ErrorCode::kIo);
  // Its queue is full now.
  const auto full = Client::connect(dir.file("mute.sock"), milliseconds(50));
  REQUIRE_FALSE(full);
  CHECK(full.error().code == ErrorCode::kIo);
}

TEST_CASE("questions, errors and long answers in one connection", "[control]") {
  ControlBench bench;
  for (int i = 0; i < 3000; ++i)
    bench.backend.kept_alerts.push_back(json{
        {"id", "A" + std::to_string(i)},
        {"severity", "high"},
        {"pad", std::string(500, 'x')}}.dump());
  const Serving serving(bench);
  auto client = Client::connect(bench.path());
  REQUIRE(client);
  CHECK(client->server_version() == TOCSIN_VERSION);
  CHECK(client->ask("status")->contains("pid"));
  const auto missing = client->ask("explain", {{"alert", "B"}});
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == ErrorCode::kNotFound);
  CHECK_FALSE(client->lost_connection());
  CHECK_FALSE(client->ask("alerts"));  // more than one item is not an answer to ask()

  REQUIRE(client->request("alerts"));
  for (int i = 0; i < 3000; ++i) {
    const auto item = client->next();
    REQUIRE(item);
    REQUIRE(*item);
    REQUIRE((*item)->json == bench.backend.kept_alerts[static_cast<std::size_t>(i)]);
  }
  CHECK_FALSE(*client->next());
}

TEST_CASE("a stream waits, and a daemon that goes away ends it", "[control]") {
  ControlBench bench;
  auto client = [&] {
    const Serving serving(bench);
    auto connected = Client::connect(bench.path());
    REQUIRE(connected);
    REQUIRE(connected->request("events", {{"follow", true}}));
    CHECK_FALSE(connected->next(milliseconds(20)));  // nothing yet
    return std::move(*connected);
  }();
  bench.server->publish_event("exec", R"({"n":1})");
  bench.pump();
  const auto item = client.next(milliseconds(1000));
  REQUIRE(item);
  CHECK((*item)->json == R"({"n":1})");
  bench.server.reset();
  const auto end = client.next(milliseconds(1000));
  REQUIRE_FALSE(end);
  CHECK(client.lost_connection());
}

TEST_CASE("a caller that polls takes what has come, and never waits", "[control]") {
  ControlBench bench;
  auto client = [&] {
    const Serving serving(bench);
    auto connected = Client::connect(bench.path());
    REQUIRE(connected);
    REQUIRE(connected->request("events", {{"follow", true}}));
    CHECK_FALSE(connected->next(milliseconds(20)));
    return std::move(*connected);
  }();
  const auto nothing = client.next_now();
  REQUIRE(nothing);
  CHECK(nothing->came == Client::Came::kNothing);
  for (int i = 0; i < 3; ++i) bench.server->publish_event("exec", R"({"n":1})");
  bench.pump();
  for (int i = 0; i < 3; ++i) {
    const auto one = client.next_now();
    REQUIRE(one);
    CHECK(one->came == Client::Came::kItem);
    CHECK(one->item.json == R"({"n":1})");
  }
  CHECK(client.next_now()->came == Client::Came::kNothing);
  CHECK_FALSE(client.lost_connection());
  bench.server.reset();
  CHECK_FALSE(client.next_now());
  CHECK(client.lost_connection());
}
