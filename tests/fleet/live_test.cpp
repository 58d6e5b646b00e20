// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// The whole way with nothing left out: operator, broker, agent, daemon.
#include <signal.h>

#include <chrono>
#include <thread>

#include "support/daemon.hpp"
#include "support/fleet_fixture.hpp"
#include "support/kernel.hpp"
#include "support/set_publisher_fixture.hpp"

using namespace tocsin::test;
using nlohmann::json;

namespace {

bool poll(const std::function<bool()>& holds, Millis limit = Millis(30'000)) {
  const auto end = std::chrono::steady_clock::now() + patient(limit);
  while (!holds()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(Millis(50));
  }
  return true;
}

}  // namespace

TEST_CASE("a published set alarms on the host, and a question finds what ran", "[fleet][live]") {
  TOCSIN_NEEDS_BROKER("a published set alarms on the host");
  if (const auto why = kernel_refusal())
    return print_skipped("a published set alarms on the host", *why);
  NatsLab lab({"web-1"});
  lab.init();
  const auto key = lab.fleet({"hunt-key", "-o", lab.operator_folder() + "/hunt.key"});
  REQUIRE(key.exit_code == 0);
  const SetSigner signer;
  Daemon daemon({.indicators = indicator_file({})});
  require_ready(daemon);

  const TempDir state;
  std::vector<std::string> argv = {std::string(TOCSIN_BIN_DIR) + "/tocsin-fleet", "run"};
  auto settings = lab.host_settings("web-1");
  settings.insert(settings.end(),
                  {"control.socket=" + daemon.socket(), "fleet.state_dir=" + state.path().string(),
                   "fleet.set_keys=[\"" + signer.public_key() + "\"]", "fleet.stagger_s=0",
                   "fleet.hunt_keys=[\"" + key.out.substr(0, key.out.find('\n')) + "\"]",
                   "fleet.beat_interval_s=1"});
  for (const auto& setting : settings) argv.insert(argv.end(), {"-o", setting});
  Child agent({.argv = argv});

  const auto payload = make_payload(daemon.dir() / "wanted");
  const auto content = "# set: fleet\nsha256," + payload.sha256 + "\n";
  const auto file = daemon.dir().write("fleet.ioc", content);
  daemon.dir().write("fleet.ioc.minisig", signer.sign(content, "set:fleet sequence:3"));
  const auto published = lab.fleet({"publish", file});
  INFO(published.out << published.err);
  REQUIRE(published.exit_code == 0);
  CHECK(poll([&] {
    return !json::parse(daemon.cli({"--json", "ioc", "check", payload.sha256}).out)
                .value("matches", json::array())
                .empty();
  }));
  const auto run = act("exec_as", {"0", "0", payload.path, "200"});
  REQUIRE(run);
  CHECK(daemon.wait_alert(exec_alert(*run, payload.sha256)).has_value());

  json answer;
  REQUIRE(poll([&] {
    const auto done = lab.fleet({"--json", "hunt", payload.sha256, "--wait", "5"});
    answer = json::parse(done.out, nullptr, false);
    return answer.is_object() && answer["verdicts"].value("seen", 0) == 1;
  }));
  CHECK(answer["hosts"][0]["host"] == "web-1");
  CHECK(answer["hosts"][0]["hits"][0]["value"] == payload.sha256);
  // The next beat tells it.
  CHECK(poll([&] {
    return lab.fleet({"--json", "status"}).out.find("\"sequence\":3") != std::string::npos;
  }));
  INFO(agent.err());
  agent.signal(SIGTERM);
  CHECK(agent.wait(Millis(10'000)) == 0);
}
