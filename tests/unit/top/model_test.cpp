// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "top/model.hpp"

#include <fmt/format.h>

#include "support/test.hpp"

using namespace tocsin;
using namespace tocsin::top;
using nlohmann::json;

namespace {

json exec(double ts, const std::string& path) {
  return {{"ts", ts}, {"kind", "exec"}, {"pid", 7}, {"uid", 0}, {"path", path}};
}

json connect(double ts, const std::string& address, int port) {
  return {{"ts", ts}, {"kind", "connect"}, {"addr", address}, {"port", port}, {"comm", "curl"}};
}

json status(std::uint64_t pid, double uptime, std::uint64_t execs) {
  return {{"version", "0.1.0"},
          {"pid", pid},
          {"uptime_s", uptime},
          {"cpu_s", uptime / 10},
          {"memory", {{"rss_bytes", 1 << 20}}},
          {"events", {{"exec", {{"seen", execs}, {"lost", 2}, {"skipped", 1}}}}},
          {"hash", {{"coverage", 0.5}, {"executions", execs}}},
          {"loss", json::array({{{"stage", "history/seen"}, {"count", 4}}})},
          {"alerts", {{"total", 3}, {"by_severity", {{"high", 2}, {"low", 1}}}}}};
}

json alert(const std::string& id, double time, const std::string& severity) {
  return {{"event", {{"id", id}}},
          {"message", "something happened"},
          {"tocsin", {{"time", time}, {"severity", severity}}}};
}

}  // namespace

TEST_CASE("programs are told by content, with owner and hash", "[top]") {
  Model model;
  auto owned = exec(10, "/usr/bin/curl");
  owned["sha256"] = std::string(64, 'a');
  owned["package"] = "curl";
  owned["package_intact"] = true;
  model.on_event(owned.dump());
  owned["ts"] = 20;
  model.on_event(owned.dump());
  REQUIRE(model.programs().size() == 1);
  CHECK(model.programs()[0]->count == 2);
  CHECK(model.programs()[0]->owner == "curl");
  CHECK(model.programs()[0]->hash == "aaaaaaaaaaaa");
  CHECK(model.programs()[0]->first == 10);
  CHECK(model.programs()[0]->last == 20);

  owned["sha256"] = std::string(64, 'b');
  owned["package_intact"] = false;
  model.on_event(owned.dump());
  REQUIRE(model.programs().size() == 2);
  CHECK(model.programs()[1]->owner == "curl, changed");
  CHECK(model.programs()[1]->owner_tone == Tone::kBad);

  auto stray = exec(30, "/tmp/x");
  stray["package"] = "";
  stray["hash_miss"] = "gone";
  model.on_event(stray.dump());
  CHECK(model.programs()[2]->owner == "no package");
  CHECK(model.programs()[2]->hash == "no: gone");
  model.on_event(exec(31, "/tmp/y").dump());
  CHECK(model.programs()[3]->owner == "unknown");
  CHECK(model.programs()[3]->hash == "unknown");
}

TEST_CASE("a script counts, not its interpreter", "[top]") {
  Model model;
  auto event = exec(1, "/usr/bin/dash");
  event["script"] = {{"path", "/root/install.sh"}, {"sha256", std::string(64, 'c')}};
  event["package"] = "dash";
  model.on_event(event.dump());
  CHECK(model.programs()[0]->path == "/root/install.sh");
  CHECK(model.programs()[0]->owner == "unknown");
  CHECK(model.programs()[0]->hash == "cccccccccccc");
}

TEST_CASE("users have the names of this host, but not those in containers", "[top]") {
  Model model([](std::uint32_t uid) { return uid == 0 ? "root" : ""; });
  auto event = exec(1, "/bin/a");
  model.on_event(event.dump());
  event["container"] = "0123456789ab";
  model.on_event(event.dump());
  event = exec(1, "/bin/b");
  event["uid"] = 7;
  model.on_event(event.dump());
  event["path"] = "/bin/c";
  event["login"] = {{"user", "alice"}};
  model.on_event(event.dump());
  std::vector<std::string> users;
  for (const auto* row : model.programs()) users.push_back(row->user);
  CHECK(users == std::vector<std::string>{"root", "0", "7", "alice"});
}

TEST_CASE("a destination is its name, and how that is known", "[top]") {
  Model model;
  auto named = connect(1, "192.0.2.1", 443);
  named["host"] = "c2.example";
  named["host_source"] = "own-dns";
  named["result"] = "ok";
  model.on_event(named.dump());
  named["addr"] = "192.0.2.2";
  model.on_event(named.dump());
  model.on_event(connect(2, "2001:db8::1", 80).dump());
  json hello = {{"ts", 3}, {"kind", "tls"}, {"addr", "192.0.2.2"}, {"port", 443}};
  model.on_event(hello.dump());  // without a name: nothing new
  hello["host"] = "c2.example";
  model.on_event(hello.dump());
  const auto rows = model.destinations();
  REQUIRE(rows.size() == 2);
  CHECK(rows[0]->name == "[2001:db8::1]:80");
  CHECK(rows[0]->source == "address only");
  CHECK(rows[1]->name == "c2.example:443");
  CHECK(rows[1]->source == "tls");
  CHECK(rows[1]->count == 2);  // a hello is no contact
  CHECK(rows[1]->address == "192.0.2.2");
}

TEST_CASE("rates are differences of one daemon's counters", "[top]") {
  Model model;
  model.on_status(status(5, 100, 1000));
  CHECK_FALSE(model.rates());
  REQUIRE(model.pulse());
  CHECK(model.pulse()->lost == 4);  // the stages have those of the kernel, too
  CHECK(model.pulse()->loss_words == "history/seen 4");
  model.on_status(status(5, 102, 1500));
  REQUIRE(model.rates());
  CHECK(model.rates()->by_kind.at("exec") == 250);
  CHECK(model.rates()->cpu == Approx(0.1));
  CHECK(model.rates()->lost == 0);
  model.on_status(status(6, 1, 10));  // restarted
  CHECK_FALSE(model.rates());
  model.on_status(status(6, 1, 10));  // no time passed
  CHECK_FALSE(model.rates());
}

TEST_CASE("alerts that come again after a restart stand once", "[top]") {
  Model model;
  for (int round = 0; round < 2; ++round)
    for (std::size_t i = 0; i < limits::kTopAlertsMax + 50; ++i)
      model.on_alert(alert(fmt::format("A{:05}", i), static_cast<double>(i), "high").dump());
  REQUIRE(model.alerts().size() == limits::kTopAlertsMax);
  CHECK(model.alerts().front().id == "A00050");
  CHECK(model.alerts().back().id == fmt::format("A{:05}", limits::kTopAlertsMax + 49));
}

TEST_CASE("memory is bounded, and what goes is counted", "[top]") {
  Model model;
  const auto most = limits::kTopProgramsMax;
  for (std::size_t i = 0; i < most + 10; ++i)
    model.on_event(exec(static_cast<double>(i), fmt::format("/bin/{}", i)).dump());
  CHECK(model.programs().size() == most);
  CHECK(model.dropped_rows() == 10);
  CHECK(model.programs().front()->path == "/bin/10");  // unseen for longest went
  auto large = exec(1, "/bin/large");
  large["argv"] = json::array({std::string(limits::kTopLineBytesMax, 'x')});
  model.on_event(large.dump());
  CHECK(model.programs().back()->line.empty());
}

TEST_CASE("a held model shows what it showed, and counts what passes by", "[top]") {
  Model model;
  model.on_event(exec(1, "/bin/a").dump());
  model.hold(true);
  model.on_event(exec(2, "/bin/b").dump());
  model.on_alert(alert("A1", 3, "low").dump());
  CHECK(model.programs().size() == 1);
  CHECK(model.alerts().empty());
  CHECK(model.passed_by() == 1);
  CHECK(model.alerts_waiting() == 1);
  model.on_status(status(5, 1, 1));
  CHECK(model.pulse());
  model.hold(false);
  CHECK(model.alerts().size() == 1);  // no alert is missed
  CHECK(model.programs().size() == 1);
}

TEST_CASE("hostile lines neither end it nor reach the screen", "[top]") {
  Model model;
  for (const auto* line :
       {"", "nonsense", "[]", "{}", R"({"kind":"exec"})", R"({"kind":7,"path":[]})",
        R"({"kind":"connect","addr":{},"port":-1})", R"({"kind":"exec","script":[],"package":{}})"})
    model.on_event(line), model.on_alert(line);
  auto event = exec(1, "/tmp/\x1b[2J\u202eevil");
  model.on_event(event.dump());
  for (const auto* row : model.programs()) {
    CHECK(row->path.find('\x1b') == std::string::npos);
    CHECK(row->path.find("\u202e") == std::string::npos);
  }
  model.on_status("text");
  model.on_status({{"events", 7}, {"loss", "x"}, {"alerts", json::array()}});
  model.on_beacons({json(7), json::object(), {{"subject", 5}, {"port", "x"}}});
  CHECK(model.beacons().size() == 2);
}
