// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// Alerts on their way out: the real daemon, the real relay, a receiver that fails.
#include <signal.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <thread>

#include "support/kernel.hpp"
#include "support/tls_server.hpp"

using namespace tocsin::test;
using nlohmann::json;

namespace {

std::vector<std::string> relay_argv(const Daemon& daemon) {
  return {std::string(TOCSIN_BIN_DIR) + "/tocsin-relay",
          "-o",
          "resolve.enabled=false",
          "-o",
          "relay.state_dir=" + std::string(daemon.dir() / "relay"),
          "-o",
          "relay.feeds=" + std::string(daemon.dir() / "no-feeds.toml"),
          "-o",
          "relay.webhooks=" + std::string(daemon.dir() / "webhooks.toml"),
          "--socket",
          daemon.socket()};
}

// Executes a listed file of its own; the id of the alert that came.
std::string raise_alarm(Daemon& daemon, const std::string& name) {
  const auto payload = make_payload(daemon.dir() / name);
  std::ofstream(daemon.indicator_path(), std::ios::app) << "sha256," << payload.sha256 << "\n";
  REQUIRE(daemon.cli({"ioc", "reload"}).exit_code == 0);
  const auto run = act("exec_as", {"0", "0", payload.path, "0"});
  REQUIRE(run);
  const auto alert = daemon.wait_alert(exec_alert(*run, payload.sha256));
  INFO(told(daemon));
  REQUIRE(alert);
  return (*alert)["event"]["id"].get<std::string>();
}

std::vector<std::string> received(const TlsServer& server) {
  std::vector<std::string> ids;
  for (const auto& body : server.bodies()) ids.push_back(json::parse(body)["event"]["id"]);
  return ids;
}

bool wait_received(const TlsServer& server, const std::string& id) {
  for (int i = 0; i < 600; ++i) {
    const auto ids = received(server);
    if (std::ranges::find(ids, id) != ids.end()) return true;
    std::this_thread::sleep_for(Millis(50));
  }
  return false;
}

// The relay has said hello and follows: its report stands in the status.
json wait_webhook(Daemon& daemon, const std::string& state) {
  json webhook;
  for (int i = 0; i < 300; ++i) {
    const auto webhooks = at(daemon.status(), "relay.webhooks");
    if (webhooks.is_array() && !webhooks.empty()) webhook = webhooks[0];
    if (webhook.is_object() && webhook["state"] == state) return webhook;
    std::this_thread::sleep_for(Millis(100));
  }
  FAIL("the webhook's state is not " << state << " but " << webhook.dump());
  return webhook;
}

}  // namespace

TEST_CASE("alerts reach a webhook over failures and a killed relay", "[webhook]") {
  TOCSIN_NEEDS_KERNEL();
  TlsServer server;
  server.set("/in", {.status = 200});
  Daemon daemon({.indicators = indicator_file({}), .settings = {"alerts.self_test=false"}});
  require_ready(daemon);
  const auto old = raise_alarm(daemon, "old");
  std::ofstream(daemon.dir() / "webhooks.toml")
      << "[[webhook]]\nname = \"siem\"\nurl = \"" << server.url("/in") << "\"\nca_file = \""
      << server.ca_file() << "\"\n";

  auto relay = std::make_unique<Child>(ChildOptions{.argv = relay_argv(daemon)});
  wait_webhook(daemon, "unused");
  const auto first = raise_alarm(daemon, "first");
  CHECK(wait_received(server, first));
  CHECK(wait_webhook(daemon, "ok")["delivered"] == 1);

  // The receiver fails; the relay is killed with an alert in its spool; another comes meanwhile.
  server.set("/in", {.status = 503});
  const auto second = raise_alarm(daemon, "second");
  CHECK(wait_received(server, second));  // tried, and refused
  CHECK(wait_webhook(daemon, "retrying")["waiting"] == 1);
  relay->signal(SIGKILL);
  REQUIRE(relay->wait(Millis(10'000)));
  const auto third = raise_alarm(daemon, "third");
  CHECK(daemon.cli({"status"}).out.find("the relay is not connected") != std::string::npos);
  CHECK(daemon.cli({"metrics"}).out.find("tocsin_relay_connected 0\n") != std::string::npos);
  server.set("/in", {.status = 200});
  const auto before = received(server).size();
  relay = std::make_unique<Child>(ChildOptions{.argv = relay_argv(daemon)});
  CHECK(wait_received(server, third));
  const auto all = received(server);
  INFO(relay->err());
  // At least once, in order, and nothing that was delivered before.
  CHECK(std::vector<std::string>(all.begin() + static_cast<std::ptrdiff_t>(before), all.end()) ==
        std::vector<std::string>{second, third});
  CHECK(std::ranges::count(all, old) == 0);

  CHECK(wait_webhook(daemon, "ok")["waiting"] == 0);
  const auto status = daemon.cli({"status"}).out;
  CHECK(status.find("the relay is not connected") == std::string::npos);
  CHECK(status.find("webhooks") != std::string::npos);
  CHECK(status.find("3 delivered, 0 waiting") != std::string::npos);
  CHECK(daemon.cli({"metrics"}).out.find("tocsin_webhook_delivered_total{webhook=\"siem\"} 3\n") !=
        std::string::npos);
}
