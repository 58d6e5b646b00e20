// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// The metrics as Prometheus gets them: from the real daemon, by the real relay, judged by promtool.
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <thread>

#include "support/kernel.hpp"

using namespace tocsin::test;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

const fs::path kMonitoring = fs::path(TOCSIN_SOURCE_DIR) / "packaging/monitoring";

// Unpacked by ./check, or installed; empty when there is none.
std::string promtool() {
  const fs::path unpacked =
      fs::path(TOCSIN_SOURCE_DIR) / "build/test-programs/prometheus/usr/bin/promtool";
  if (fs::exists(unpacked)) return unpacked;
  return fs::exists("/usr/bin/promtool") ? "/usr/bin/promtool" : "";
}

std::string text_of(const fs::path& file) {
  std::ifstream in(file);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

// Every metric name in the text: tocsin_… and process_….
std::set<std::string> names_in(const std::string& text) {
  static const std::regex kName(R"(\b(tocsin|process)_[a-z][a-z0-9_]*)");
  std::set<std::string> out;
  for (auto it = std::sregex_iterator(text.begin(), text.end(), kName);
       it != std::sregex_iterator(); ++it)
    out.insert(it->str());
  return out;
}

// Where the relay says it listens.
std::string address_of(Child& relay) {
  static const std::regex kPort("metrics: port ([0-9]+)");
  for (int i = 0; i < 500; ++i) {
    const auto log = relay.err();
    std::smatch port;
    if (std::regex_search(log, port, kPort)) return "http://127.0.0.1:" + port[1].str();
    std::this_thread::sleep_for(Millis(20));
  }
  return {};
}

std::string code_of(std::vector<std::string> arguments) {
  std::vector<std::string> argv = {"curl", "-s", "-o", "/dev/null", "-w", "%{http_code}"};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  return run_program(argv).out;
}

// What is shipped speaks of metrics that are there; some only come with a loss, a miss or a feed.
void check_shipped_names(std::set<std::string> known) {
  known.insert({"tocsin_events_lost_total", "tocsin_exec_unhashed_total",
                "tocsin_feed_last_success_timestamp_seconds", "tocsin_self_proof_seen",
                "tocsin_self_proof_timestamp_seconds", "tocsin_webhook_waiting",
                "tocsin_webhook_failures", "tocsin_webhook_dropped_total",
                "tocsin_webhook_refused_total"});
  for (const auto* shipped : {"tocsin-rules.yml", "tocsin-dashboard.json"})
    for (const auto& name : names_in(text_of(kMonitoring / shipped))) {
      INFO(shipped << ": " << name);
      CHECK(known.contains(name));
    }
}

void judge_by_promtool(const std::string& file) {
  const auto tool = promtool();
  if (tool.empty()) return print_skipped("metrics by promtool", "./check has not unpacked it");
  const auto judged = run_program({"sh", "-c", "exec \"$0\" check metrics < \"$1\"", tool, file});
  INFO(judged.out << judged.err);
  CHECK(judged.exit_code == 0);
  for (const auto* what : {"check", "test"}) {
    const auto rules =
        kMonitoring / (what == std::string("check") ? "tocsin-rules.yml" : "tocsin-rules-test.yml");
    const auto verdict = run_program({tool, what, "rules", rules});
    INFO(verdict.out << verdict.err);
    CHECK(verdict.exit_code == 0);
  }
}

}  // namespace

TEST_CASE("metrics come from the daemon, a file and the relay's page", "[metrics]") {
  TOCSIN_NEEDS_KERNEL();
  Daemon daemon({.indicators = indicator_file({})});
  require_ready(daemon);
  const auto payload = make_payload(daemon.dir() / "listed");
  std::ofstream(daemon.indicator_path(), std::ios::app) << "sha256," << payload.sha256 << "\n";
  REQUIRE(daemon.cli({"ioc", "reload"}).exit_code == 0);
  const auto run = act("exec_as", {"0", "0", payload.path, "0"});
  REQUIRE(run);
  REQUIRE(daemon.wait_alert(exec_alert(*run, payload.sha256)));

  const auto printed = daemon.cli({"metrics"});
  REQUIRE(printed.exit_code == 0);
  INFO(printed.out);
  CHECK(printed.out.find("tocsin_alerts_total{rule=\"exec-hash\",severity=\"high\"} 1\n") !=
        std::string::npos);
  CHECK(printed.out.find("tocsin_hook_attached{event=\"exec\"} 1\n") != std::string::npos);
  CHECK(printed.out.find(payload.path) == std::string::npos);

  const auto file = daemon.dir() / "tocsin.prom";
  REQUIRE(daemon.cli({"metrics", "--textfile", file}).exit_code == 0);
  CHECK(names_in(text_of(file)) == names_in(printed.out));

  Child relay({.argv = {std::string(TOCSIN_BIN_DIR) + "/tocsin-relay", "-o",
                        "relay.metrics_listen=127.0.0.1:0", "-o", "resolve.enabled=false", "-o",
                        "relay.state_dir=" + std::string(daemon.dir() / "relay"), "-o",
                        "relay.feeds=" + std::string(daemon.dir() / "no-feeds.toml"), "--socket",
                        daemon.socket()}});
  const auto url = address_of(relay);
  INFO(relay.err());
  REQUIRE_FALSE(url.empty());
  std::string scraped;
  for (int i = 0; i < 100 && scraped.find("tocsin_up 1\n") == std::string::npos; ++i) {
    std::this_thread::sleep_for(Millis(100));
    scraped = run_program({"curl", "-s", "--max-time", "5", url + "/metrics"}).out;
  }
  CHECK(scraped.find("tocsin_up 1\n") != std::string::npos);
  CHECK(scraped.find("tocsin_alerts_total{rule=\"exec-hash\"") != std::string::npos);
  CHECK(code_of({url + "/"}) == "404");
  CHECK(code_of({"-d", "x", url + "/metrics"}) == "405");

  check_shipped_names(names_in(scraped));
  CHECK(daemon.stop() == 0);
  std::this_thread::sleep_for(Millis(1100));  // a page is kept for a second
  scraped = run_program({"curl", "-s", "--max-time", "5", url + "/metrics"}).out;
  CHECK(scraped.find("tocsin_up 0\n") != std::string::npos);

  judge_by_promtool(file);
}
