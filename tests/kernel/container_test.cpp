// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// The same path means other content in another mount namespace: each gets its own right hash.
#include "support/container.hpp"

#include <atomic>
#include <memory>
#include <thread>

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
  // The state file of a container that ended at once may be gone before it was read: said then.
  if (at(*alert, "tocsin.container.unnamed_because").is_null()) {
    CHECK(at(*alert, "container.name") == bundle.id());
    CHECK(at(*alert, "container.runtime") == "runc");
  } else {
    CHECK(action == "storm_victim");
  }
  CHECK(at(*alert, "process.executable") == path.string());
  CHECK_FALSE(daemon.wait_alert(by_hash(outside.sha256), Millis(0)));
  CHECK(daemon.stop() == 0);
}

TEST_CASE("podman's container has its name, its image and the image's digest", "[container]") {
  TOCSIN_NEEDS_KERNEL();
  if (!PodmanStore::available()) return print_skipped("container by podman", "not installed");
  TempDir dir;
  std::filesystem::create_directories(dir / "content/bin");
  const Payload payload = make_payload(dir / "content/bin/payload");
  PodmanStore store(dir / "store");
  const std::string image = "localhost/tocsin-test:1.0";
  const Finished imported = store.import(dir / "content", image);
  INFO(imported.out << imported.err);
  REQUIRE(imported.exit_code == 0);
  Daemon daemon({.indicators = indicator_file({payload.indicator()})});
  require_ready(daemon);
  const Finished done =
      store.run("tocsin-web", {"--rm", "--label", "app=shop"}, image, {"/bin/payload", "300"});
  INFO(done.out << done.err);
  REQUIRE(done.exit_code == 0);
  const auto alert = daemon.wait_alert(
      [&](const json& a) { return at(a, "process.hash.sha256") == payload.sha256; });
  INFO(told(daemon));
  REQUIRE(alert);
  INFO(alert->dump());
  CHECK(at(*alert, "container.name") == "tocsin-web");
  CHECK(at(*alert, "container.runtime") == "podman");
  CHECK(at(*alert, "container.image.name") == image);
  const json digests = at(*alert, "container.image.hash.all");
  REQUIRE(digests.size() == 1);
  CHECK(digests[0].get<std::string>().starts_with("sha256:"));
  CHECK(daemon.stop() == 0);
}

TEST_CASE("a container that crun runs has its name", "[container]") {
  TOCSIN_NEEDS_KERNEL();
  if (!RuncBundle::available("crun")) return print_skipped("container by crun", "not installed");
  TempDir dir;
  RuncBundle bundle(dir / "bundle", "crun");
  const Payload payload = make_payload(bundle.root() / "bin/payload");
  Daemon daemon({.indicators = indicator_file({payload.indicator()})});
  require_ready(daemon);
  const Finished done = bundle.run({"/bin/payload", "1000"});
  INFO(done.out << done.err);
  if (done.err.find("hybrid mode not supported") != std::string::npos)
    return print_skipped("container by crun", "this machine has control groups of both kinds");
  REQUIRE(done.exit_code == 0);
  const auto alert = daemon.wait_alert(
      [&](const json& a) { return at(a, "process.hash.sha256") == payload.sha256; });
  INFO(told(daemon));
  REQUIRE(alert);
  CHECK(at(*alert, "container.id") == bundle.id());
  CHECK(at(*alert, "container.name") == bundle.id());
  CHECK(at(*alert, "container.runtime") == "crun");
  CHECK(daemon.stop() == 0);
}

TEST_CASE("in a storm of podman's containers each is named or says why not", "[container]") {
  TOCSIN_NEEDS_KERNEL();
  if (!PodmanStore::available()) return print_skipped("containers by podman", "not installed");
  constexpr std::size_t kContainers = 12, kAtOnce = 4;
  TempDir dir;
  std::filesystem::create_directories(dir / "content/bin");
  const Payload payload = make_payload(dir / "content/bin/payload");
  PodmanStore store(dir / "store");
  const std::string image = "localhost/tocsin-test:1.0";
  REQUIRE(store.import(dir / "content", image).exit_code == 0);
  Daemon daemon({.indicators = indicator_file({payload.indicator()})});
  require_ready(daemon);
  const auto name = [](std::size_t i) { return "tocsin-storm-" + std::to_string(i); };
  std::atomic<std::size_t> next = 0, failed = 0;
  {
    std::vector<std::jthread> runners;
    for (std::size_t r = 0; r < kAtOnce; ++r)
      runners.emplace_back([&] {
        for (auto i = next++; i < kContainers; i = next++)
          if (store.run(name(i), {"--rm"}, image, {"/bin/payload", "1000"}).exit_code != 0)
            ++failed;
      });
  }
  REQUIRE(failed == 0);
  std::size_t named = 0, unnamed = 0;
  for (std::size_t i = 0; i < kContainers; ++i)
    if (daemon.wait_alert([&](const json& a) { return at(a, "container.name") == name(i); },
                          i == 0 ? Millis(5'000) : Millis(500)))
      ++named;
  for (const auto& alert : daemon.alerts())
    unnamed += at(alert, "tocsin.container.unnamed_because").is_string() ? 1 : 0;
  INFO(told(daemon));
  WARN(named << " of " << kContainers << " containers of podman were named");
  CHECK(named + unnamed >= kContainers);
  CHECK(named == kContainers);  // a second is time enough
  CHECK(daemon.stop() == 0);
}

TEST_CASE("in a storm of short containers each is named or says why not", "[container]") {
  TOCSIN_NEEDS_KERNEL();
  if (!RuncBundle::available()) return print_skipped("containers by runc", "runc is not installed");
  constexpr std::size_t kContainers = 32;
  constexpr std::size_t kAtOnce = 4;
  TempDir dir;
  const Payload second = make_payload(dir / "second");
  const Payload instant = make_payload(dir / "instant", "storm_victim");
  std::vector<std::unique_ptr<RuncBundle>> bundles;
  for (std::size_t i = 0; i < kContainers; ++i) {
    bundles.push_back(std::make_unique<RuncBundle>(dir / ("b" + std::to_string(i))));
    const auto& payload = i % 2 == 0 ? second : instant;
    std::filesystem::copy_file(payload.path, bundles[i]->root() / "bin/payload");
  }
  Daemon daemon({.indicators = indicator_file({second.indicator(), instant.indicator()})});
  require_ready(daemon);
  std::atomic<std::size_t> next = 0, failed = 0;
  {
    std::vector<std::jthread> runners;
    for (std::size_t r = 0; r < kAtOnce; ++r)
      runners.emplace_back([&] {
        for (auto i = next++; i < kContainers; i = next++)
          if (bundles[i]->run({"/bin/payload", "1000"}).exit_code != 0) ++failed;
      });
  }
  REQUIRE(failed == 0);
  std::size_t named = 0;
  for (std::size_t i = 0; i < kContainers; ++i) {
    const auto& id = bundles[i]->id();
    const auto alert =
        daemon.wait_alert([&](const json& a) { return at(a, "container.id") == id; });
    INFO(told(daemon));
    REQUIRE(alert);
    const bool has_name = at(*alert, "container.name") == id;
    named += has_name ? 1 : 0;
    CHECK(has_name != at(*alert, "tocsin.container.unnamed_because").is_string());
    if (i % 2 == 0) CHECK(has_name);  // a second is time enough
  }
  WARN(named << " of " << kContainers << " containers were named, half of them ended at once");
  CHECK(daemon.stop() == 0);
}

TEST_CASE("a container that ran before the daemon has its name", "[container]") {
  TOCSIN_NEEDS_KERNEL();
  if (!RuncBundle::available()) return print_skipped("container by runc", "runc is not installed");
  TempDir dir;
  RuncBundle bundle(dir / "bundle");
  const Payload payload = make_payload(bundle.root() / "bin/payload");
  std::jthread runner([&] { bundle.run({"/bin/payload", "4000"}); });
  const auto running = [&] { return std::filesystem::exists("/run/runc/" + bundle.id()); };
  for (int i = 0; i < 500 && !running(); ++i) std::this_thread::sleep_for(Millis(10));
  REQUIRE(running());
  std::this_thread::sleep_for(Millis(300));
  Daemon daemon({.indicators = indicator_file({payload.indicator()})});
  require_ready(daemon);
  const auto alert =
      daemon.wait_alert([&](const json& a) { return at(a, "container.id") == bundle.id(); });
  INFO(told(daemon));
  REQUIRE(alert);
  CHECK(at(*alert, "container.name") == bundle.id());
  CHECK(at(*alert, "process.hash.sha256") == payload.sha256);
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
