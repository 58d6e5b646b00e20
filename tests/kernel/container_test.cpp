// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// The same path means other content in another mount namespace: each gets its own right hash.
#include "support/container.hpp"

#include "support/event_follower.hpp"
#include "support/kernel.hpp"

using namespace tocsin::test;
using nlohmann::json;

namespace {

// Two files that are to stand under one path: outside and inside.
struct Twins {
  TempDir dir;
  Payload outside, inside;
  Daemon daemon;

  explicit Twins(const std::string& action)
      : outside(make(dir, "outside", action)),
        inside(make(dir, "inside", action)),
        daemon({.indicators = indicator_file({outside.indicator(), inside.indicator()})}) {
    require_ready(daemon);
  }
  ~Twins() { CHECK(daemon.stop() == 0); }

  static Payload make(const TempDir& dir, const std::string& name, const std::string& action) {
    std::filesystem::create_directory(dir / name);
    return make_payload(dir / name / "payload", action);
  }

  void expect(const json& report, const Payload& right, const Payload& wrong) {
    const auto alert = daemon.wait_alert(exec_alert(report, right.sha256));
    INFO(report.dump() << "\n" << told(daemon));
    REQUIRE(alert);
    CHECK(at(*alert, "process.executable") == report.at("path"));
    CHECK_FALSE(daemon.wait_alert(exec_alert(report, wrong.sha256), Millis(0)));
  }
};

}  // namespace

TEST_CASE("an own mount namespace with other content at the same path", "[container]") {
  TOCSIN_NEEDS_KERNEL();
  const std::string action = GENERATE("linger", "storm_victim");
  Twins twins(action);
  const std::string path = twins.outside.path;
  const auto within = act("exec_in_mntns", {twins.inside.path, path, "300"});
  if (!within) return;
  const auto without = act("exec_as", {"0", "0", path, "300"});
  REQUIRE(without);
  if (action == "linger") twins.expect(*within, twins.inside, twins.outside);
  twins.expect(*without, twins.outside, twins.inside);
  // An inside that ended at once, namespace and all, is hashed right or missed: never the
  // outside's.
  CHECK_FALSE(twins.daemon.wait_alert(exec_alert(*within, twins.outside.sha256), Millis(0)));
}

TEST_CASE("an overlay, lower layer and copied-up file", "[container]") {
  TOCSIN_NEEDS_KERNEL();
  Twins twins("linger");
  std::filesystem::create_directory(twins.dir / "scratch");
  const std::string folder = twins.outside.path.parent_path();
  const auto overlay = [&](const std::string& upper) {
    return act("exec_overlay", {twins.dir / "scratch", folder, "payload", upper, "300"});
  };
  const auto lower = overlay("lower");
  if (!lower) return;
  const auto upper = overlay(twins.inside.path);
  REQUIRE(upper);
  twins.expect(*lower, twins.outside, twins.inside);
  twins.expect(*upper, twins.inside, twins.outside);
}

TEST_CASE("a container's process is hashed in its own root and named by container", "[container]") {
  TOCSIN_NEEDS_KERNEL();
  if (!RuncBundle::available()) return print_skipped("container by runc", "runc is not installed");
  const std::string action = GENERATE("linger", "storm_victim");
  TempDir dir;
  RuncBundle bundle(dir / "bundle");
  // The same path exists in the container and on the host, with other content in each.
  const std::filesystem::path path = dir / "twin";
  std::filesystem::create_directories(bundle.root() / dir.path().relative_path());
  const Payload inside = make_payload(bundle.root() / path.relative_path(), action);
  const Payload outside = make_payload(path, action);
  Daemon daemon({.indicators = indicator_file({inside.indicator(), outside.indicator()})});
  require_ready(daemon);
  const Finished done = bundle.run({path, "300"});
  INFO(done.out << done.err);
  REQUIRE(done.exit_code == 0);
  const auto by_hash = [](const std::string& sha256) {
    return [sha256](const json& alert) { return at(alert, "process.hash.sha256") == sha256; };
  };
  const auto alert = daemon.wait_alert(by_hash(inside.sha256));
  INFO(told(daemon));
  REQUIRE(alert);
  CHECK(at(*alert, "container.id") == bundle.id());
  CHECK(at(*alert, "process.executable") == path.string());
  CHECK_FALSE(daemon.wait_alert(by_hash(outside.sha256), Millis(0)));
  CHECK(daemon.stop() == 0);
}

TEST_CASE("a container's file is of its image, or was written since the start", "[container]") {
  TOCSIN_NEEDS_KERNEL();
  if (!RuncBundle::available()) return print_skipped("container by runc", "runc is not installed");
  TempDir dir;
  RuncBundle bundle(dir / "bundle");
  const auto brought = make_payload(bundle.root() / "bin/brought", "linger");
  Daemon daemon({});
  require_ready(daemon);
  EventFollower lines(daemon, "exec");
  const Child container(
      {.argv = {"runc", "run", "--bundle", bundle.prepare({"/bin/brought", "8000"}), bundle.id()}});
  const auto of = [&](const std::string& path) {
    return lines.wait([&](const json& e) {
      return e.value("path", "") == path && e.value("container", "") == bundle.id();
    });
  };
  const auto first = of("/bin/brought");
  INFO(container.err() << lines.text() << told(daemon));
  REQUIRE(first);
  CHECK(first->at("image_layer") == true);
  make_payload(bundle.root() / "bin/written", "linger");
  CHECK(run_program({"runc", "exec", bundle.id(), "/bin/written", "100"}).exit_code == 0);
  const auto second = of("/bin/written");
  REQUIRE(second);
  CHECK(second->at("image_layer") == false);
  // A file of the image stays one, however late it is executed.
  CHECK(run_program({"runc", "exec", bundle.id(), "/bin/brought", "1"}).exit_code == 0);
  CHECK(lines.wait([&](const json& e) {
    return e.value("path", "") == "/bin/brought" && e.at("pid") != first->at("pid") &&
           e.at("image_layer") == true;
  }));
  CHECK(daemon.stop() == 0);
}
