// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// From a publication to an alarm, and from a signed feed: the real programs, all of them.
#include <signal.h>

#include <chrono>
#include <cstdlib>
#include <fstream>

#include "support/kernel.hpp"
#include "support/tls_server.hpp"

using namespace tocsin::test;
using nlohmann::json;

namespace {

json checked(Daemon& daemon, const std::string& value) {
  const auto out = daemon.cli({"--json", "ioc", "check", value});
  return json::parse(out.out).at("matches");
}

bool poll(Millis limit, const std::function<bool()>& holds) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(Millis(20));
  }
  return true;
}

}  // namespace

TEST_CASE("a publication is imported, alarms, is exported and removed", "[sets]") {
  TOCSIN_NEEDS_KERNEL();
  Daemon daemon({.indicators = indicator_file({})});
  require_ready(daemon);
  const auto payload = make_payload(daemon.dir() / "imported");
  const auto report_file = daemon.dir().write(
      "report.txt", "Indicators of compromise\n\nSHA-256: " + payload.sha256 +
                        "\nevil-one[.]example[.]net\nhxxp://evil-two[.]example[.]net/x\n");
  const auto dry = daemon.cli({"ioc", "import", report_file, "--dry-run"});
  INFO(dry.out << dry.err);
  CHECK(dry.exit_code == 0);
  CHECK(dry.out.find("history: 0 of ") != std::string::npos);
  CHECK(checked(daemon, payload.sha256).empty());

  const auto done = daemon.cli({"ioc", "import", report_file, "--set", "report", "--campaign",
                                "Example", "--severity", "critical"});
  INFO(done.out << done.err);
  REQUIRE(done.exit_code == 0);
  const auto matches = checked(daemon, payload.sha256);
  REQUIRE(matches.size() == 1);
  CHECK(matches[0].at("campaign") == "Example");
  CHECK(matches[0].at("severity") == "critical");
  CHECK(matches[0].at("note").get<std::string>().find("report.txt:3") != std::string::npos);
  const auto run = act("exec_as", {"0", "0", payload.path, "200"});
  REQUIRE(run);
  CHECK(daemon.wait_alert(exec_alert(*run, payload.sha256)).has_value());

  const auto stix = daemon.cli({"ioc", "export", "--format", "stix", "--set", "report"});
  REQUIRE(stix.exit_code == 0);
  CHECK(json::parse(stix.out).at("objects").size() >= 4);
  CHECK(daemon.cli({"ioc", "remove", "report"}).exit_code == 0);
  CHECK(checked(daemon, payload.sha256).empty());
  CHECK(daemon.cli({"ioc", "remove", "report"}).exit_code == 2);
  CHECK(daemon.stop() == 0);
}

TEST_CASE("a broken set raises a health alert and stays active", "[sets]") {
  TOCSIN_NEEDS_KERNEL();
  Daemon daemon({.indicators = indicator_file({"domain,kept.example.net"})});
  require_ready(daemon);
  std::ofstream(daemon.indicator_path()) << "nonsense\n";
  const auto alert = daemon.wait_alert([](const json& a) {
    return a.at("message").get<std::string>().find("its old content stays active") !=
           std::string::npos;
  });
  CHECK(alert.has_value());
  CHECK(checked(daemon, "kept.example.net").size() == 1);
  CHECK(daemon.status().at("indicators").at("troubles").size() == 1);
  const auto begun = std::chrono::steady_clock::now();
  std::ofstream(daemon.indicator_path()) << "domain,new.example.net\n";
  CHECK(poll(Millis(1000), [&] { return !checked(daemon, "new.example.net").empty(); }));
  INFO(std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count());
  CHECK(daemon.stop() == 0);
}

TEST_CASE("the relay brings a signed feed, and a person rolls it back", "[sets]") {
  TOCSIN_NEEDS_KERNEL();
  Daemon daemon({.indicators = indicator_file({})});
  require_ready(daemon);
  TlsServer server;
  const auto& dir = daemon.dir();
  const auto shell = [&](const std::string& command) {
    return std::system(
               ("cd " + dir.path().string() + " && " + command + " >/dev/null 2>&1").c_str()) == 0;
  };
  REQUIRE(shell("minisign -G -W -p k.pub -s k.sec"));
  const auto publish = [&](const std::string& content, int sequence) {
    dir.write("cert.txt", content);
    REQUIRE(shell("minisign -S -s k.sec -m cert.txt -x cert.sig -t 'sequence:" +
                  std::to_string(sequence) + " file:cert.txt'"));
    server.set("/cert.txt", {.body = content, .headers = {}});
    server.set("/cert.txt.minisig", {.body = read_text(dir / "cert.sig"), .headers = {}});
  };
  auto key = read_text(dir / "k.pub");
  key = key.substr(key.find('\n') + 1, 56);
  const auto feeds = dir.write("feeds.toml", "[[feed]]\nname = \"cert\"\nurl = \"" +
                                                 server.url("/cert.txt") + "\"\nkeys = [\"" + key +
                                                 "\"]\nca_file = \"" + server.ca_file() + "\"\n");
  publish("Indicators\n\nfirst-evil-name[.]net\n", 1);
  std::filesystem::create_directories(dir / "relay");
  Child relay(ChildOptions{.argv = {TOCSIN_BIN_DIR "/tocsin-relay", "--socket", daemon.socket(),
                                    "-o", "relay.state_dir=" + (dir / "relay").string(), "-o",
                                    "relay.feeds=" + feeds, "-o", "resolve.enabled=false"}});
  INFO(relay.err());
  REQUIRE(poll(Millis(10'000), [&] { return !checked(daemon, "first-evil-name.net").empty(); }));
  CHECK(daemon.status().at("relay").at("connected") == true);

  publish("Indicators\n\nsecond-evil-name[.]net\n", 2);
  auto update = daemon.cli({"feeds", "update", "cert"});
  INFO(update.out << update.err << relay.err());
  CHECK(update.exit_code == 0);
  CHECK(checked(daemon, "second-evil-name.net").size() == 1);
  CHECK(checked(daemon, "first-evil-name.net").empty());

  publish("Indicators\n\nthird-evil-name[.]net\n", 1);
  update = daemon.cli({"feeds", "update", "cert"});
  CHECK(update.exit_code == 2);
  CHECK(update.out.find("replayed") != std::string::npos);
  CHECK(checked(daemon, "second-evil-name.net").size() == 1);

  CHECK(daemon.cli({"feeds", "rollback", "cert"}).exit_code == 0);
  CHECK(checked(daemon, "first-evil-name.net").size() == 1);
  CHECK(daemon.cli({"feeds", "list"}).out.find("cert") != std::string::npos);
  relay.signal(SIGTERM);
  CHECK(relay.wait(Millis(5000)) == 0);
  CHECK(poll(Millis(3000), [&] { return daemon.status().at("relay").at("connected") == false; }));
  CHECK(daemon.stop() == 0);
}
