// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// The daemon in a container, as packaging/kubernetes has it, and beside one on the host.
#include "support/contained_daemon.hpp"

#include "support/kernel.hpp"

using namespace tocsin::test;
using nlohmann::json;

namespace {

Daemon::Fits has_hash(const std::string& sha256) {
  return [sha256](const json& alert) { return at(alert, "process.hash.sha256") == sha256; };
}

bool contains(const std::string& text, std::string_view what) {
  return text.find(what) != std::string::npos;
}

}  // namespace

#define TOCSIN_NEEDS_CONTAINED_DAEMON()                                        \
  TOCSIN_NEEDS_KERNEL();                                                       \
  if (const auto tocsin_why = ContainedDaemon::refusal(); !tocsin_why.empty()) \
  return print_skipped(Catch::getResultCapture().getCurrentTestName(), tocsin_why)

TEST_CASE("a daemon in a container watches the host and other containers", "[contained]") {
  TOCSIN_NEEDS_CONTAINED_DAEMON();
  TempDir dir;
  const Payload outside = make_payload(dir / "outside");
  RuncBundle other(dir / "other");
  const Payload inside = make_payload(other.root() / "bin/payload", "linger");
  // A sibling in the control groups, from before: /proc tells its group relative to the daemon's.
  RuncBundle sibling(dir / "sibling");
  sibling.join_group(ContainedDaemon::kParentGroup);
  const Payload before = make_payload(sibling.root() / "bin/payload");
  Child running({.argv = {"runc", "run", "--bundle", sibling.prepare({"/bin/payload", "60000"}),
                          sibling.id()}});
  ContainedDaemon daemon({outside.indicator(), inside.indicator(), before.indicator()},
                         {"host.name=node-7", "self_proof.interval_s=0"});
  const bool ready = daemon.wait_ready();
  INFO(daemon.log());
  REQUIRE(ready);

  REQUIRE(run_program({outside.path, "300"}).exit_code == 0);
  const auto on_host = daemon.wait_alert(has_hash(outside.sha256));
  REQUIRE(on_host);
  CHECK(at(*on_host, "host.hostname") == "node-7");
  CHECK(at(*on_host, "process.executable") == outside.path.string());
  CHECK(at(*on_host, "user.name") == "root");
  CHECK(at(*on_host, "container.id").is_null());

  REQUIRE(other.run({"/bin/payload", "500"}).exit_code == 0);
  const auto in_container = daemon.wait_alert(has_hash(inside.sha256));
  REQUIRE(in_container);
  CHECK(at(*in_container, "container.id") == other.id());
  CHECK(at(*in_container, "container.name") == other.id());  // by runc's state below /host

  const auto earlier = daemon.wait_alert(has_hash(before.sha256));
  REQUIRE(earlier);
  CHECK(at(*earlier, "container.id") == sibling.id());

  const auto asked = daemon.cli({"status", "--json"});
  INFO(asked.err);
  REQUIRE(asked.exit_code == 0);
  const auto status = json::parse(asked.out);
  for (const auto& database : status.at("packages").at("databases"))
    CHECK(database.at("path").get<std::string>().starts_with("/host/"));
  for (const auto& hook : status.at("hooks"))
    if (hook.at("event") == "connect" || hook.at("event") == "packet")
      CHECK(hook.at("state") == "attached");
  CHECK(daemon.stop() == 0);
}

TEST_CASE("a daemon on the host and one in a container notice each other", "[contained]") {
  TOCSIN_NEEDS_CONTAINED_DAEMON();
  constexpr std::string_view kRefused = "another tocsind is running on this host (pid ";
  const auto ended = [](Child& child) {
    const auto code = child.wait(Millis(30'000));
    return code && *code > 0 && *code < 128;
  };
  SECTION("the container's was first") {
    ContainedDaemon first({}, {});
    REQUIRE(first.wait_ready());
    Daemon second({});
    CHECK(ended(second.child()));
    INFO(second.log());
    CHECK(contains(second.log(), kRefused));
    CHECK(contains(second.log(), first.id()));  // by its control group
    // Who asks the wrong one is told which one runs.
    const auto asked = second.cli({"status"});
    CHECK(asked.exit_code == 3);
    CHECK(contains(asked.err, "another one watches this host: pid "));
    const auto doctor = second.cli({"doctor"});
    CHECK(contains(doctor.out, "warn monitor"));
    CHECK(contains(doctor.out, "docs/troubleshoot.md#monitor"));
    CHECK(first.child().running());
    CHECK(first.stop() == 0);
  }
  SECTION("the host's was first") {
    Daemon first({});
    require_ready(first);
    ContainedDaemon second({}, {});
    CHECK(ended(second.child()));
    INFO(second.log());
    CHECK(contains(second.log(), kRefused));
    CHECK(contains(first.cli({"doctor"}).out, "tocsind answers: pid "));
    CHECK(first.stop() == 0);
  }
}
