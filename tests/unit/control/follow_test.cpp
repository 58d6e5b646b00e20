// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include <fmt/format.h>
#include <sys/socket.h>

#include <string>
#include <vector>

#include "base/limits.hpp"
#include "control/server.hpp"
#include "support/control_bench.hpp"
#include "support/test.hpp"

using namespace tocsin;
using namespace tocsin::test;
using nlohmann::json;

namespace {

RawClient following(ControlBench& bench, const std::string& command,
                    json arguments = json::object()) {
  RawClient client(bench.path());
  arguments["follow"] = true;
  client.ask(1, command, arguments);
  bench.pump();
  return client;
}

std::string event_line(std::uint64_t number, std::size_t bytes = 0) {
  return fmt::format(R"({{"kind":"exec","n":{},"pad":"{}"}})", number, std::string(bytes, 'x'));
}

}  // namespace

TEST_CASE("a follower gets what it asked for and nothing else", "[control]") {
  ControlBench bench;
  CHECK(bench.server->wanted_events() == 0);
  auto client = following(bench, "events", {{"kinds", {"exec", "connect"}}});
  CHECK(bench.server->wanted_events() ==
        (control::event_kind_bit("exec") | control::event_kind_bit("connect")));
  client.take();
  bench.server->publish_event("exec", R"({"n":1})");
  bench.server->publish_event("fork", R"({"n":2})");
  bench.server->publish_event("connect", R"({"n":3})");
  bench.server->publish_event("no-such-kind", R"({"n":4})");
  bench.server->publish_alert(Severity::kCritical, R"({"n":5})");
  bench.pump();
  CHECK(client.take() ==
        std::vector<json>{{{"id", 1}, {"item", {{"n", 1}}}}, {{"id", 1}, {"item", {{"n", 3}}}}});
  client.close();
  bench.pump();
  CHECK(bench.server->wanted_events() == 0);
  CHECK(bench.server->clients() == 0);
}

TEST_CASE("an answer that breaks ends in an error, and the next one is whole", "[control]") {
  ControlBench bench;
  bench.backend.kept_alerts = {R"({"n":0})"};
  bench.backend.alerts_break = Error{ErrorCode::kIo, "the file is damaged"};
  auto client = following(bench, "alerts");
  bench.server->publish_alert(Severity::kHigh, R"({"n":1})");
  bench.pump();
  const auto told = client.take();
  REQUIRE(told.size() == 3);  // the greeting first, and nothing that is published after the end
  CHECK(told[1]["item"] == json{{"n", 0}});
  CHECK(told[2]["id"] == 1);
  CHECK(told[2]["error"]["message"] == "the file is damaged");
  bench.backend.alerts_break.reset();
  client.ask(2, "alerts", json::object());
  bench.pump();
  CHECK(client.take() ==
        std::vector<json>{{{"id", 2}, {"item", {{"n", 0}}}}, {{"id", 2}, {"done", true}}});
}

TEST_CASE("alerts are followed from a severity on, older ones first", "[control]") {
  ControlBench bench;
  bench.backend.kept_alerts = {R"({"n":0,"severity":"high"})", R"({"n":1,"severity":"info"})"};
  auto client = following(bench, "alerts", {{"severity", "high"}});
  bench.server->publish_alert(Severity::kMedium, R"({"n":2})");
  bench.server->publish_alert(Severity::kHigh, R"({"n":3})");
  bench.pump();
  const auto frames = client.take();
  REQUIRE(frames.size() == 3);
  CHECK(frames[1]["item"]["n"] == 0);
  CHECK(frames[2]["item"]["n"] == 3);
}

TEST_CASE("what is published during a long backlog comes after it", "[control]") {
  ControlBench bench;
  for (int i = 0; i < 2000; ++i)
    bench.backend.kept_events.push_back(event_line(static_cast<std::uint64_t>(i), 1000));
  RawClient client(bench.path());
  client.ask(1, "events", {{"follow", true}});
  bench.pump();  // two megabytes do not fit the socket: the answer is half on its way
  bench.server->publish_event("exec", event_line(2000));
  std::uint64_t next = 0;
  for (int round = 0; round < 200 && next <= 2000; ++round) {
    for (const auto& frame : client.take()) {
      if (!frame.contains("item")) continue;
      CHECK(frame["item"]["n"] == next);
      ++next;
    }
    bench.pump();
  }
  CHECK(next == 2001);
}

TEST_CASE("a slow reader loses events and is told how many", "[control]") {
  ControlBench bench;
  auto client = following(bench, "events");
  client.take();
  constexpr std::uint64_t kEvents = 6000;
  std::uint64_t got = 0, lost = 0, expected = 0;
  const auto read = [&] {
    for (const auto& frame : client.take()) {
      if (frame.contains("lost")) {
        lost += frame["lost"].get<std::uint64_t>();
        expected += frame["lost"].get<std::uint64_t>();
      } else {
        CHECK(frame["item"]["n"] == expected);  // the gap is told where it is
        ++expected;
        ++got;
      }
    }
  };
  for (std::uint64_t i = 0; i < kEvents; ++i) {
    bench.server->publish_event("exec", event_line(i, 1000));
    if (i % 1500 == 1499) {
      bench.pump();
      read();
    }
  }
  for (int round = 0; round < 100; ++round) {
    bench.pump();
    read();
  }
  CHECK(lost > 0);
  CHECK(got + lost == kEvents);
  CHECK(bench.server->counters().events_dropped == lost);
  CHECK(bench.server->counters().cut_off == 0);
}

TEST_CASE("a client that never reads is cut off and memory stays bounded", "[control]") {
  ControlBench bench;
  auto client = following(bench, "events");
  auto alerts_client = following(bench, "alerts");
  REQUIRE(bench.server->clients() == 2);
  std::size_t most = 0;
  const std::string line = event_line(1, 1000);
  for (int i = 0; i < 20'000; ++i) {
    bench.server->publish_event("exec", line);
    bench.server->publish_alert(Severity::kHigh, line);
    most = std::max(most, bench.server->pending_bytes());
    if (i % 64 == 0) REQUIRE(bench.loop.run_once(0));
  }
  bench.pump();
  CHECK(bench.server->counters().cut_off == 2);
  CHECK(bench.server->clients() == 0);
  // 20 MB were published to each; events stop at the soft mark, alerts at the hard one.
  CHECK(most > limits::kControlBacklogBytesMax - 2000);
  CHECK(most < limits::kControlBacklogBytesMax + limits::kControlSoftBacklogBytes + 4000);
  client.take();
  CHECK(client.closed());
}

TEST_CASE("a client that does not take its answer is closed in time", "[control]") {
  ControlBench bench;
  for (int i = 0; i < 2000; ++i) bench.backend.kept_events.push_back(event_line(1, 1000));
  RawClient client(bench.path());
  client.ask(1, "events", json::object());
  bench.pump();
  bench.clock.advance_to(static_cast<WallNs>(limits::kControlIdleNs) + 1);
  bench.pump();
  CHECK(bench.server->clients() == 0);
  CHECK(bench.server->counters().cut_off == 1);
}

TEST_CASE("silence in a stream is normal", "[control]") {
  ControlBench bench;
  auto client = following(bench, "events");
  bench.clock.advance_to(10 * static_cast<WallNs>(limits::kControlIdleNs));
  bench.pump();
  bench.server->publish_event("exec", event_line(1));
  bench.pump();
  client.take();
  CHECK_FALSE(client.closed());
}

TEST_CASE("asking while following is answered with busy", "[control]") {
  ControlBench bench;
  auto client = following(bench, "events");
  client.take();
  client.ask(2, "status", json::object());
  bench.pump();
  const auto frames = client.take();
  REQUIRE(frames.size() == 1);
  CHECK(frames[0]["id"] == 2);
  CHECK(frames[0]["error"]["code"] == "busy");
}

TEST_CASE("who asks without reading answers is not listened to", "[control]") {
  ControlBench bench;
  RawClient client(bench.path());
  std::string frame;
  control::append_frame(frame, control::request_payload({1, "status", json::object()}));
  std::size_t sent = 0;
  for (int round = 0; round < 300; ++round) {
    for (int i = 0; i < 1000; ++i) {
      const auto n = client.send_bytes(frame);
      sent += n;
      if (n < frame.size()) break;
    }
    bench.pump();
  }
  CHECK(sent < 8 * 1024 * 1024);  // the kernel's buffers are full: that is all it got rid of
  CHECK(bench.server->clients() == 1);
}
