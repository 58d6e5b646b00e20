// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "control/server.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <string>

#include "base/limits.hpp"
#include "support/control_bench.hpp"
#include "support/test.hpp"

using namespace tocsin;
using namespace tocsin::test;
using nlohmann::json;

namespace {

RawClient greeted(ControlBench& bench) {
  RawClient client(bench.path());
  REQUIRE(client.connected());
  bench.pump();
  const auto frames = client.take();
  REQUIRE(frames.size() == 1);
  REQUIRE(frames[0]["hello"] == "tocsin");
  return client;
}

}  // namespace

TEST_CASE("a question is answered with its items and an end", "[control]") {
  ControlBench bench;
  bench.backend.kept_alerts = {R"({"id":"A1","severity":"low","ns":1000000000})",
                               R"({"id":"A2","severity":"high","ns":5000000000})"};
  auto client = greeted(bench);
  client.ask(1, "status", json::object());
  client.ask(2, "alerts", {{"severity", "medium"}});
  client.ask(3, "alerts", {{"since", 0.5}});
  client.ask(4, "explain", {{"alert", "A1"}});
  bench.pump();
  const auto frames = client.take();
  REQUIRE(frames.size() == 9);
  CHECK(frames[0] == json{{"id", 1}, {"item", {{"pid", getpid()}}}});
  CHECK(frames[1] == json{{"id", 1}, {"done", true}});
  CHECK(frames[2]["item"]["id"] == "A2");
  CHECK(frames[3] == json{{"id", 2}, {"done", true}});
  CHECK(frames[4]["item"]["id"] == "A1");
  CHECK(frames[5]["item"]["id"] == "A2");
  CHECK(frames[7]["item"]["id"] == "A1");
  CHECK(bench.server->counters().requests == 4);
}

TEST_CASE("a wrong question is answered, and the connection stays", "[control]") {
  ControlBench bench;
  auto client = greeted(bench);
  const auto code = [&](const std::string& command, const json& arguments) {
    client.ask(9, command, arguments);
    bench.pump();
    const auto frames = client.take();
    REQUIRE(frames.size() == 1);
    CHECK(frames[0]["id"] == 9);
    CHECK_FALSE(frames[0]["error"]["message"].get<std::string>().empty());
    return frames[0]["error"]["code"].get<std::string>();
  };
  CHECK(code("make-tea", json::object()) == "unsupported");
  CHECK(code("alerts", {{"follow", "yes"}}) == "invalid-input");
  CHECK(code("alerts", {{"since", "yesterday"}}) == "invalid-input");
  CHECK(code("alerts", {{"since", -1}}) == "invalid-input");
  CHECK(code("alerts", {{"since", 1e300}}) == "invalid-input");
  CHECK(code("alerts", {{"severity", "loud"}}) == "invalid-input");
  CHECK(code("explain", {{"alert", "nope"}}) == "not-found");
  CHECK(code("explain", json::object()) == "invalid-input");
  CHECK(code("events", {{"kinds", {"exec", "dance"}}}) == "invalid-input");
  CHECK(code("events", {{"kinds", {1}}}) == "invalid-input");
  CHECK(code("check", json::object()) == "invalid-input");
  CHECK(code("record", json::object()) == "invalid-input");
  client.ask(10, "status", json::object());
  bench.pump();
  CHECK(client.take().size() == 2);
  CHECK_FALSE(client.closed());
}

TEST_CASE("garbage is told off and closed", "[control]") {
  ControlBench bench;
  const auto last_word = [&](std::string_view bytes) {
    auto client = greeted(bench);
    client.send_bytes(bytes);
    bench.pump();
    const auto frames = client.take();
    REQUIRE(frames.size() == 1);
    CHECK_FALSE(frames[0].contains("id"));
    CHECK(frames[0]["error"]["code"] == "invalid-input");
    CHECK(client.closed());
    return frames[0]["error"]["message"].get<std::string>();
  };
  last_word("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  last_word(std::string(70'000, '\xff'));
  last_word(std::string("\x00\x00\x00\x00", 4));
  last_word(std::string("\x05\x00\x00\x00hello", 9));
  // One byte over the limit is refused by its header alone.
  std::string header;
  control::append_frame(header, std::string(limits::kControlRequestBytesMax + 1, ' '));
  last_word(std::string_view(header).substr(0, 4));
  CHECK(bench.server->counters().bad_frames == 5);
  CHECK(bench.server->clients() == 0);
}

TEST_CASE("the longest request still passes", "[control]") {
  ControlBench bench;
  auto client = greeted(bench);
  std::string payload = R"({"id":1,"command":"status","pad":")";
  payload.append(limits::kControlRequestBytesMax - payload.size() - 2, 'x');
  payload += "\"}";
  client.send_frame(payload);
  bench.pump();
  CHECK(client.take().size() == 2);
}

TEST_CASE("half a frame waits, and is closed when it idles", "[control]") {
  ControlBench bench;
  auto client = greeted(bench);
  std::string frame;
  control::append_frame(frame, control::request_payload({1, "status", json::object()}));
  for (const char byte : frame) {
    CHECK(client.take().empty());
    client.send_bytes({&byte, 1});
    bench.pump();
  }
  CHECK(client.take().size() == 2);

  client.send_bytes(frame.substr(0, 10));
  bench.pump();
  bench.clock.advance_to(static_cast<WallNs>(limits::kControlIdleNs) - 1);
  bench.pump();
  client.take();
  CHECK_FALSE(client.closed());
  bench.clock.advance_to(static_cast<WallNs>(limits::kControlIdleNs) + 1);
  bench.pump();
  client.take();
  CHECK(client.closed());
  CHECK(bench.server->counters().idle_closed == 1);
}

TEST_CASE("who ends its input is still answered", "[control]") {
  ControlBench bench;
  auto client = greeted(bench);
  client.ask(1, "status", json::object());
  client.ask(2, "indicators", json::object());
  client.end_of_input();
  bench.pump();
  CHECK(client.take().size() == 4);
  CHECK(client.closed());
}

TEST_CASE("a command may publish to the very client that asks", "[control]") {
  ControlBench bench;
  bench.backend.on_reload = [&] { bench.server->publish_alert(Severity::kHigh, R"({"id":"X"})"); };
  auto follower = greeted(bench);
  follower.ask(1, "alerts", {{"follow", true}});
  bench.pump();
  auto root = greeted(bench);
  root.ask(1, "reload", json::object());
  root.ask(2, "alerts", {{"follow", true}});
  bench.pump();
  if (geteuid() == 0) {
    CHECK(bench.backend.reloads == 1);
    CHECK(follower.take().size() == 1);
  } else {
    CHECK(root.take()[0]["error"]["code"] == "permission");
  }
}

TEST_CASE("a recording goes into the descriptor that came along", "[control]") {
  if (geteuid() != 0) return;  // changing is for root
  ControlBench bench;
  auto client = greeted(bench);
  const auto file = bench.dir.file("recording");
  const Fd out(open(file.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
  std::string frame;
  control::append_frame(frame, control::request_payload({1, "record", json::object()}));

  alignas(cmsghdr) char space[CMSG_SPACE(sizeof(int))] = {};
  iovec vector{frame.data(), frame.size()};
  msghdr message{};
  message.msg_iov = &vector;
  message.msg_iovlen = 1;
  message.msg_control = space;
  message.msg_controllen = sizeof space;
  cmsghdr* c = CMSG_FIRSTHDR(&message);
  c->cmsg_level = SOL_SOCKET;
  c->cmsg_type = SCM_RIGHTS;
  c->cmsg_len = CMSG_LEN(sizeof(int));
  const int descriptor = out.get();
  std::memcpy(CMSG_DATA(c), &descriptor, sizeof descriptor);
  REQUIRE(sendmsg(client.fd(), &message, 0) == static_cast<ssize_t>(frame.size()));
  bench.pump();
  CHECK(client.take() == std::vector<json>{{{"id", 1}, {"item", {{"recording", true}}}}});

  client.end_of_input();
  bench.pump();
  const auto frames = client.take();
  REQUIRE(frames.size() == 2);
  CHECK(frames[0]["item"]["events"] == 3);
  CHECK(frames[1]["done"] == true);
  CHECK(read_text(file) == "a recording");
  CHECK(bench.backend.recordings_ended == 1);
}
