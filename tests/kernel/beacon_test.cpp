// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// A beacon under the running kernel: a program nobody installed calls a name every quarter of a
// second, which the daemon is told to take for every quarter of an hour.
#include <chrono>
#include <thread>

#include "support/kernel.hpp"
#include "support/net_lab.hpp"

using namespace tocsin::test;
using nlohmann::json;

namespace {

constexpr const char* kName = "calls-home.example";

std::vector<json> beacons(Daemon& daemon) {
  const auto listed = daemon.cli({"beacons", "--min", "0.5", "--json"});
  REQUIRE(listed.exit_code == 0);
  std::vector<json> out;
  std::istringstream in(listed.out);
  for (std::string line; std::getline(in, line);)
    if (auto row = json::parse(line); row.at("destination") == kName) out.push_back(std::move(row));
  return out;
}

}  // namespace

TEST_CASE("a program from a temporary folder that calls home is told from what it does",
          "[beacon]") {
  TOCSIN_NEEDS_KERNEL();
  if (const auto lacks = NetLab::lacks(); !lacks.empty())
    return print_skipped(Catch::getResultCapture().getCurrentTestName(), lacks);
  NetLab net(NetLab::Names{{kName, "203.0.113.77"}});
  net.start_dns();
  net.resolve_by(NetLab::kDns);
  net.start_tls();
  Daemon daemon({.settings = {"beacon.time_scale=3600"}});
  require_ready(daemon);
  // Written while watched, so it is new; its content is curl's, its place is not.
  const TempDir dir;
  const auto program = dir.path() / "updater";
  std::filesystem::copy_file(std::filesystem::canonical("/usr/bin/curl"), program);
  auto next = std::chrono::steady_clock::now();
  for (int i = 0; i < 28; ++i, next += std::chrono::milliseconds(250)) {
    std::this_thread::sleep_until(next);
    net.start({program, "-sk", "-o", "/dev/null", std::string("https://") + kName + "/"})
        ->wait(Millis(5'000));
  }
  const auto alert = daemon.wait_alert([](const json& a) {
    return at(a, "event.code") == "beacon" && at(a, "tocsin.beacon.destination") == kName;
  });
  INFO(told(daemon));
  REQUIRE(alert);
  CHECK(at(*alert, "tocsin.beacon.verdict") == "notice");
  CHECK(at(*alert, "process.executable") == program.string());
  CHECK(at(*alert, "tocsin.beacon.evidence.image") == 3.5);

  const auto rows = beacons(daemon);
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].at("contacts") == 28);
  CHECK(rows[0].at("subject").at("sha256") == at(*alert, "process.hash.sha256"));
  CHECK(rows[0].at("period_s").get<double>() == Approx(0.25).epsilon(0.1));
  CHECK(rows[0].at("failed") == 0);
  CHECK(rows[0].at("size").get<double>() > 0.9);
  CHECK(daemon.cli({"beacons"}).out.find(program.string()) != std::string::npos);
  CHECK(daemon.status().at("beacons").at("contacts") >= 28);
  CHECK(daemon.stop() == 0);
}
