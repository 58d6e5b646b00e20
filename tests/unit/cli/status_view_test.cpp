// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "cli/status_view.hpp"

#include <string>

#include "support/test.hpp"

using namespace tocsin;
using nlohmann::json;

namespace {

std::string page(const json& status) {
  std::string text;
  for (const auto& line : cli::status_page(status, cli::Output(false))) text += line + "\n";
  return text;
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

const json kStatus = json::parse(R"({
  "version":"0.1.0","pid":42,"started":1764072000.5,"uptime_s":11520,"kernel":"6.1.0-56-amd64",
  "hooks":[{"event":"exec","hook":"tp_btf/sched_process_exec","state":"attached","detail":"",
            "lost":""},
           {"event":"connect","hook":"","state":"failed","detail":"EPERM",
            "lost":"no connection is seen"}],
  "events":{"exec":{"seen":1000,"lost":3,"skipped":7}},"decode_errors":2,
  "hash":{"executions":1000,"hashed":999,"coverage":0.999,"cached":900,
          "by_rung":{"proc-exe":999,"ima":0},"misses":{"gone":1}},
  "processes":{"tracked":230,"evicted":1},
  "indicators":{"total":45,"sets":[{"name":"3cx-2023","path":"/x/3cx.ioc","total":45,
     "by_type":{"sha256":24,"domain":21},"refused":2,"error":""}]},
  "alerts":{"total":3,"by_severity":{"critical":1,"low":2,"high":0},"folded":9},
  "sinks":[{"name":"file","delivered":3,"errors":0,"dropped":0,"health":"ok"}],
  "loss":[{"stage":"ring/exec","count":3}],
  "control":{"clients":1,"refused":0,"cut_off":4,"events_dropped":0},
  "memory":{"rss_bytes":25165824},"cpu_s":1.25,"last_self_proof":null,
  "self_proof":{"interval_s":300,"last":null}})");

}  // namespace

TEST_CASE("the status page shows every part", "[cli]") {
  const auto text = page(kStatus);
  INFO(text);
  for (const auto* part : {"0.1.0, pid 42, up 3 h 12 min",
                           "6.1.0-56-amd64",
                           "none yet",
                           "attached",
                           "tp_btf/sched_process_exec",
                           "not seen: no connection is seen",
                           "EPERM",
                           "1000",
                           "7",
                           "2 could not be decoded",
                           "3 at ring/exec",
                           "999 of 1000 executions (99.90 %), 900 from",
                           "by proc-exe 999",
                           "missed: gone 1",
                           "45 in 1 sets",
                           "3cx-2023",
                           "domain 21, sha256 24",
                           "2 lines refused",
                           "3: critical 1, low 2, 9 folded",
                           "file",
                           "230 tracked, 1 evicted",
                           "24.0 MiB",
                           "1.2 s",
                           "4 cut off"}) {
    INFO(part);
    CHECK(has(text, part));
  }
  CHECK_FALSE(has(text, "ima 0"));
}

TEST_CASE("what the daemon does not tell is unknown, not zero", "[cli]") {
  const auto text = page(json::object());
  CHECK(has(text, "unknown, pid unknown, up unknown"));
  CHECK(has(text, "lost        unknown"));
  CHECK_FALSE(has(text, "nothing"));
  auto calm = kStatus;
  calm["loss"] = json::array();
  CHECK(has(page(calm), "lost        nothing"));
}

TEST_CASE("a status of unexpected shape does no harm", "[cli]") {
  for (const auto* text :
       {R"({"hooks":7,"events":[],"hash":[],"sinks":{},"loss":"x","indicators":[],"alerts":1})",
        R"({"hooks":[1],"events":{"exec":5},"sinks":[null],"loss":[[]],"indicators":{"sets":[3]}})",
        R"({"uptime_s":-1,"memory":{"rss_bytes":"x"},"self_proof":{"last":{"started":1e300}}})"}) {
    INFO(text);
    CHECK_NOTHROW(page(json::parse(text)));
  }
}

TEST_CASE("the status page shows webhooks as the relay told of them", "[cli]") {
  const auto text = page(json::parse(R"({"relay":{"connected":true,"feeds":0,"webhooks":[
      {"name":"siem","state":"retrying","message":"https://siem.example/… answers 503",
       "delivered":7,"waiting":3,"refused":1,"dropped":0},
      {"name":"webhooks.toml","state":"fault","message":"w.toml:3:7: url: wrong"}]}})"));
  CHECK(text.find("siem       retrying, 7 delivered, 3 waiting, 1 refused, 0 dropped") !=
        std::string::npos);
  CHECK(text.find("answers 503") != std::string::npos);
  CHECK(text.find("w.toml:3:7: url: wrong") != std::string::npos);
}

TEST_CASE("webhooks are no good news when the relay is gone", "[cli]") {
  auto status = json::parse(R"({"relay":{"connected":false,"feeds":0,"webhooks":[
      {"name":"siem","state":"ok","message":"",
       "delivered":7,"waiting":0,"refused":0,"dropped":0}]}})");
  CHECK(has(page(status),
            "siem       the relay is not connected, it told last: ok, 7 delivered, 0 waiting"));
  status["relay"]["connected"] = true;
  CHECK(has(page(status), "siem       ok, 7 delivered"));
  // A daemon that does not say whether it is there.
  status["relay"].erase("connected");
  CHECK(has(page(status), "siem       ok, 7 delivered"));
}

TEST_CASE("the status page shows what a site vouches for and what that silenced") {
  const auto text = page(json::parse(R"({"beacons":{"keys":12,"alerts":3,"folded":2,"allow":[
    {"identity":"package:agent","comment":"ticket 4711","expires":1774958400,"expired":true,
     "silenced":5,"last":1764072000},
    {"identity":"sha256:ab","comment":"ours","expires":1774958400,"expired":false,"silenced":0}
  ]}})"));
  CHECK(has(text, "12 programs and destinations followed, 3 alerts, 2 folded"));
  CHECK(has(text, "allowed: package:agent (ticket 4711): 5 silenced, last 2025-11-25"));
  CHECK(has(text, "EXPIRED 2026-03-31"));
  CHECK(has(text, "allowed: sha256:ab (ours): 0 silenced, until 2026-03-31"));
}
