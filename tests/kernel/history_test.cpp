// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// What the host remembers: real actions end up in the files, and alerts outlive a kill.
#include <fmt/format.h>
#include <netinet/in.h>
#include <signal.h>

#include <filesystem>
#include <thread>

#include "base/database.hpp"
#include "history/schema.hpp"
#include "history/seen.hpp"
#include "support/kernel.hpp"
#include "support/net_lab.hpp"

using namespace tocsin::test;
using namespace tocsin;
using nlohmann::json;

namespace {

constexpr Millis kWritten{6'000};

std::int64_t number_in(const std::string& path, const std::string& sql) {
  auto database = Database::open(path, {});
  if (!database) return -1;
  return database->integer(sql).value_or(-1);
}

// The writer commits every second.
bool becomes_positive(const std::string& path, const std::string& sql) {
  const auto end = std::chrono::steady_clock::now() + kWritten;
  while (number_in(path, sql) <= 0) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(Millis(50));
  }
  return true;
}

std::string blob(const std::string& bytes) {
  return "x'" + to_hex({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}) + "'";
}

std::string today(const std::string& folder) {
  return folder + "/" + day_file_name(SystemClock().wall_ns());
}

}  // namespace

TEST_CASE("programs, names and destinations are remembered, and alerts over a kill", "[history]") {
  TOCSIN_NEEDS_KERNEL();
  if (const auto lacks = NetLab::lacks(); !lacks.empty())
    return print_skipped(Catch::getResultCapture().getCurrentTestName(), lacks);
  const TempDir keep;
  const auto payload = make_payload(keep / "remembered");
  const std::vector<std::string> settings = {"state_dir=" + keep.file("state")};
  const auto folder = keep.file("state/history"), seen = folder + "/seen.db";
  NetLab net(NetLab::Names{{"remembered.example", "203.0.113.9"}});
  net.start_dns();
  net.resolve_by(NetLab::kDns);
  std::string alert_id;
  {
    Daemon daemon(
        {.indicators = indicator_file({"sha256," + payload.sha256}), .settings = settings});
    require_ready(daemon);
    const auto run = act("exec_as", {"0", "0", payload.path, "200"});
    REQUIRE(run);
    const auto alert = daemon.wait_alert(exec_alert(*run, payload.sha256));
    REQUIRE(alert);
    alert_id = at(*alert, "event.id");
    // Nobody listens there: a refused contact is one, too.
    net.start({"curl", "-s", "http://www.remembered.example:81/"})->wait(Millis(5'000));

    const auto sha256 = Sha256::parse(payload.sha256);
    INFO(told(daemon));
    CHECK(becomes_positive(
        seen, fmt::format("SELECT count FROM seen WHERE kind=1 AND value={} AND last_pid={}",
                          blob(to_value(*sha256)), at(*run, "pid").get<int>())));
    CHECK(becomes_positive(
        seen, fmt::format("SELECT flags&{} FROM seen WHERE kind=4 AND value={} "
                          "AND length(subject)=32 AND flags&{}",
                          static_cast<int>(SeenFlag::kContacted), blob("example.remembered.www"),
                          static_cast<int>(SeenFlag::kAsked))));
    const SeenDestination destination{*IpAddress::parse("203.0.113.9"), 81, IPPROTO_TCP};
    CHECK(becomes_positive(
        seen, fmt::format("SELECT flags&{} FROM seen WHERE kind=5 AND value={}",
                          static_cast<int>(SeenFlag::kRefused), blob(to_value(destination)))));
    CHECK(becomes_positive(seen,
                           "SELECT count(*) FROM seen JOIN who ON who.id=last_who WHERE "
                           "kind=5 AND json_extract(facts,'$.path') LIKE '%/curl' AND "
                           "json_array_length(facts,'$.lineage')>0"));
    CHECK(becomes_positive(seen, "SELECT count(*) FROM reported WHERE kind=1"));
    CHECK(becomes_positive(today(folder),
                           "SELECT count(*) FROM event JOIN text ON text.id=kind "
                           "WHERE text.value=CAST('connect' AS BLOB) AND port=81"));
    CHECK(becomes_positive(folder + "/alerts.db", "SELECT count(*) FROM alert"));
    CHECK(at(daemon.status(), "history.state") == "ok");
    daemon.child().signal(SIGKILL);
    daemon.child().wait(Millis(5'000));
  }
  Daemon daemon({.indicators = indicator_file({}), .settings = settings});
  require_ready(daemon);
  CHECK(daemon.cli({"--json", "alerts"}).out.find(alert_id) != std::string::npos);
  const auto explained = daemon.cli({"--json", "explain", alert_id});
  CHECK(explained.out.find(payload.sha256) != std::string::npos);
  CHECK(becomes_positive(seen, "SELECT count(*)=2 FROM run"));
  // For people, over the same socket: what the history knows of it after a restart.
  const auto page = daemon.cli({"report", alert_id, "-o", "-"});
  for (const auto& part : {std::string("<h2>Verdict</h2>"), payload.sha256,
                           std::string("This content was first seen at its path on"),
                           std::string("Nobody watched during 1 gap")}) {
    INFO(part);
    CHECK(page.out.find(part) != std::string::npos);
  }
  CHECK(number_in(seen, "SELECT stopped_ns IS NULL FROM run WHERE id=1") == 1);
  CHECK(daemon.stop() == 0);
  CHECK(number_in(seen, "SELECT stopped_ns IS NOT NULL FROM run WHERE id=2") == 1);
}
