// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "event/event_json.hpp"

#include <netinet/in.h>

#include <nlohmann/json.hpp>

#include "support/test.hpp"

using namespace tocsin;
using Json = nlohmann::json;

namespace {

constexpr WallNs kTime = 1'700'000'000'123'456'789;

Event reread(const Event& event, const EventExtras& extras = {}) {
  const auto line = to_json(event, extras);
  const auto back = read_event_json(line);
  INFO(line);
  if (!back) FAIL(back.error().message);
  return *back;
}

}  // namespace

TEST_CASE("an exec line says what the contract names and reads back") {
  ExecEvent e;
  e.head = {.time_ns = kTime, .process = {42, 5'000'000'000}, .cgroup_id = 7};
  e.parent = {41, 4'000'000'000};
  e.uid = 1000;
  e.login_uid = 1001;
  e.path = "/usr/bin/python3.11";
  e.argv = {"python3", "x.py", "\xff\x01"};
  e.script = true;
  e.filename = "/home/u/x.py";
  e.script_package.name = "tool";
  e.script_package.packaged = true;
  e.script_package.intact = false;
  e.script_image_layer = false;
  e.memfd = true;
  e.tty = "pts3";
  e.stdio[0] = Stdio::kInetSocket;
  HashResult hash;
  hash.digests.emplace();
  hash.digests->sha256.bytes.fill(0xab);
  hash.rung = HashRung::kProcExe;
  HashResult script_hash;
  script_hash.miss = HashMiss::kGone;
  const EventExtras extras{.boot_epoch_ns = 1'600'000'000'000'000'000,
                           .container = "c1",
                           .hash = &hash,
                           .script_hash = &script_hash};
  const auto json = Json::parse(to_json(e, extras));
  CHECK(json["kind"] == "exec");
  CHECK(json["ts"].dump().starts_with("1700000000.123456"));
  CHECK(json["start"] == 1600000005);
  CHECK(json["ppid"] == 41);
  CHECK(json["loginuid"] == 1001);
  CHECK_FALSE(json.contains("session"));
  CHECK(json["sha256"] == hash.digests->sha256.hex());
  CHECK(json["script"]["path"] == "/home/u/x.py");
  CHECK(json["script"]["hash_miss"] == "gone");
  CHECK(json["flags"] == Json::array({"memfd", "script"}));
  CHECK(json["stdin"] == "socket");
  CHECK(json["container"] == "c1");

  const auto back = std::get<ExecEvent>(reread(e, extras));
  CHECK(back.head.process.pid == 42);
  CHECK(back.sha256 == hash.digests->sha256);
  CHECK(back.script);
  CHECK(back.script_package.name == "tool");
  CHECK(back.script_package.intact == false);
  CHECK(back.script_image_layer == false);
  CHECK(back.memfd);
  CHECK(back.stdio[0] == Stdio::kInetSocket);
  CHECK(back.container == "c1");
  CHECK(back.argv.size() == 3);
  CHECK(std::abs(back.head.time_ns - kTime) < 1000);  // Unix seconds in a double: 0.2 us
}

TEST_CASE("connect and close lines carry the contract's members") {
  ConnectEvent c;
  c.head = {.time_ns = kTime, .process = {1, 2}};
  c.remote = {*IpAddress::parse("2001:db8::1"), 443};
  c.protocol = IPPROTO_TCP;
  c.result = ConnectResult::kRefused;
  const auto json = Json::parse(to_json(c, {}));
  CHECK(json["kind"] == "connect");
  CHECK(json["proto"] == "tcp");
  CHECK(json["addr"] == "2001:db8::1");
  CHECK(json["port"] == 443);
  CHECK(json["result"] == "refused");
  CHECK(std::get<ConnectEvent>(reread(c)).result == ConnectResult::kRefused);

  CloseEvent close;
  close.head = c.head;
  close.remote = c.remote;
  close.bytes_out = 10;
  close.duration_ns = 1'500'000'000;
  const auto closed = std::get<CloseEvent>(reread(close));
  CHECK(closed.bytes_out == 10u);
  CHECK_FALSE(closed.bytes_in.has_value());
  CHECK(closed.duration_ns == 1'500'000'000u);
}

TEST_CASE("unknown members are ignored, missing ones are unknown, wrong ones are named") {
  const auto ok = read_event_json(R"({"ts":1.5,"kind":"exec","pid":3,"new_member":{"a":[1]}})");
  REQUIRE(ok);
  const auto& exec = std::get<ExecEvent>(*ok);
  CHECK_FALSE(exec.uid.has_value());
  CHECK_FALSE(exec.sha256.has_value());
  CHECK(exec.head.time_ns == 1'500'000'000);

  const auto expect = [](const char* line, const char* word) {
    const auto event = read_event_json(line);
    REQUIRE_FALSE(event);
    CAPTURE(line, event.error().message);
    CHECK(event.error().message.find(word) != std::string::npos);
  };
  expect(R"({"ts":1,"kind":"exec","pid":"3"})", "pid");
  expect(R"({"ts":1,"kind":"exec","sha256":"abc"})", "sha256");
  expect(R"({"ts":1,"kind":"connect","addr":"1.2.3"})", "addr");
  expect(R"({"ts":1,"kind":"connect","port":70000})", "port");
  expect(R"({"ts":1e300,"kind":"exit"})", "ts");
  expect(R"({"kind":"exit"})", "ts");
  expect(R"({"ts":1,"kind":"nonsense"})", "kind");
  expect(R"({"ts":1)", "JSON");
  expect("[]", "object");
}

TEST_CASE("an over-long line is refused before it is parsed") {
  const auto event = read_event_json(std::string(kEventLineBytesMax + 1, ' '));
  REQUIRE_FALSE(event);
  CHECK(event.error().code == ErrorCode::kLimit);
}

TEST_CASE("a module line keeps its package, and says when no package owns the file") {
  const auto read =
      read_event_json(R"({"ts":1.5,"kind":"module","pid":4,"path":"/x.so","package":"libx",)"
                      R"("package_intact":false})");
  REQUIRE(read);
  const auto& module = std::get<ModuleEvent>(*read);
  CHECK(module.packaged == true);
  CHECK(module.package_intact == false);
  const auto line = to_json(*read, {});
  CHECK(line.find(R"("package":"libx")") != std::string::npos);
  CHECK(line.find(R"("package_intact":false)") != std::string::npos);
  const auto unowned = read_event_json(R"({"ts":1,"kind":"module","path":"/x","packaged":false})");
  REQUIRE(unowned);
  CHECK(std::get<ModuleEvent>(*unowned).packaged == false);
  const auto unknown = read_event_json(R"({"ts":1,"kind":"module","path":"/x"})");
  CHECK(std::get<ModuleEvent>(*unknown).packaged == std::nullopt);
  for (const auto* nobody : {"null", "\"\""}) {
    const auto exec = read_event_json(
        std::string(R"({"ts":1,"kind":"exec","path":"/x","package":)") + nobody + "}");
    REQUIRE(exec);
    CHECK(std::get<ExecEvent>(*exec).packaged == false);
  }
}
