// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// Libraries: which process mapped which, what they contain, whose they are.
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <thread>

#include "base/text.hpp"
#include "support/capture_watch.hpp"
#include "support/container.hpp"
#include "support/event_follower.hpp"
#include "support/kernel.hpp"

using namespace tocsin;
using namespace tocsin::test;
using nlohmann::json;

namespace {

// A shared library with content of its own.
Payload make_library(const std::filesystem::path& path) {
  std::filesystem::copy_file(action_path("library.so"), path);
  std::ofstream(path, std::ios::app | std::ios::binary) << path.string();
  return {.path = path, .sha256 = sha256_of(path)};
}

auto of_path(const std::string& path) {
  return [path](const json& event) { return event.value("path", "") == path; };
}

bool sees_libraries(CaptureWatch& watch) {
  for (const auto& hook : watch.source().hooks())
    if (hook.event == "module") return hook.state != HookState::kMissing;
  return false;
}

}  // namespace

TEST_CASE("a module event names the file and the process that mapped it", "[modules][vm]") {
  TOCSIN_NEEDS_KERNEL();
  CaptureWatch watch({.costly = true});
  if (!sees_libraries(watch)) return print_skipped("library loads", "no hook for them works");
  const TempDir dir;
  const auto library = make_library(std::filesystem::canonical(dir.path()) / "implant.so");
  const auto report = act("load_library", {library.path, "0"});
  REQUIRE(report);
  const auto* event = watch.wait_for<ModuleEvent>(
      [&](const ModuleEvent& e) { return e.path == library.path.string(); });
  REQUIRE(event);
  struct stat st {};
  REQUIRE(::stat(library.path.c_str(), &st) == 0);
  CHECK(event->head.process.pid == report->at("pid").get<std::uint32_t>());
  CHECK(event->file.ino == st.st_ino);
  CHECK(event->file.size == static_cast<std::uint64_t>(st.st_size));
  CHECK(event->file.ctime_ns == st.st_ctim.tv_sec * kNsPerSecond + st.st_ctim.tv_nsec);
  struct stat program {};
  REQUIRE(::stat(action_path("load_library").c_str(), &program) == 0);
  CHECK(event->program_ino == program.st_ino);
  CHECK_FALSE((event->path_cut || event->path_disconnected || event->memfd));
  // The program's own file is no library.
  CHECK(watch.count<ModuleEvent>(
            [&](const ModuleEvent& e) { return e.file.ino == program.st_ino; }) == 0);
}

// Hooks are called without a file then; with the BPF LSM a load through it is an oops of the
// kernel.
TEST_CASE("memory without a file is made executable under every hook, and nothing breaks",
          "[modules][response][vm]") {
  TOCSIN_NEEDS_KERNEL();
  const TempDir dir;
  const auto library = make_library(std::filesystem::canonical(dir.path()) / "implant.so");
  Daemon daemon({.indicators = indicator_file({library.indicator()}),
                 .settings = {"capture.costly_hooks=true", "response.sets=[\"test=deny\"]"}});
  require_ready(daemon);
  const auto report = act("map_anonymous", {});
  INFO(told(daemon));
  REQUIRE(report);
  CHECK(report->at("action") == "map_anonymous");
  CHECK(daemon.alerts().empty());
  CHECK(daemon.stop() == 0);
}

TEST_CASE("a storm of like processes tells its libraries once", "[modules]") {
  TOCSIN_NEEDS_KERNEL();
  CaptureWatch watch({.costly = true});
  if (!sees_libraries(watch)) return print_skipped("library loads", "no hook for them works");
  const TempDir dir;
  const auto library = make_library(std::filesystem::canonical(dir.path()) / "implant.so");
  const auto told = [&] {
    return watch.count<ModuleEvent>(
        [&](const ModuleEvent& e) { return e.path == library.path.string(); });
  };
  for (int i = 0; i < 50; ++i)
    REQUIRE(
        launch({.path = action_path("load_library"), .argv = {"x", library.path, "0"}}).status ==
        0);
  watch.read_for(Millis(300));
  CHECK(told() == 1);
  // Other content under the same name is another library.
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  std::ofstream(library.path, std::ios::app) << "more";
  (void)launch({.path = action_path("load_library"), .argv = {"x", library.path, "0"}});
  watch.read_for(Millis(300));
  CHECK(told() == 2);
}

TEST_CASE("a library whose hash is listed raises an alert that names it", "[modules][vm]") {
  TOCSIN_NEEDS_KERNEL();
  const TempDir dir;
  const auto library = make_library(std::filesystem::canonical(dir.path()) / "libffmpeg.so");
  Daemon daemon({.indicators = indicator_file({library.indicator()}),
                 .settings = {"capture.costly_hooks=true"}});
  require_ready(daemon);
  const auto report = act("load_library", {library.path, "200"});
  REQUIRE(report);
  const auto alert =
      daemon.wait_alert([](const json& a) { return at(a, "event.action") == "module-load"; });
  INFO(told(daemon));
  REQUIRE(alert);
  CHECK(at(*alert, "dll.path") == library.path.string());
  CHECK(at(*alert, "dll.hash.sha256") == library.sha256);
  CHECK(at(*alert, "process.pid") == report->at("pid"));
  CHECK(at(*alert, "tocsin.module.hash.rung") == "root-path");
  CHECK(daemon.stop() == 0);
}

TEST_CASE("a library that is mapped already is judged again when its hash becomes known",
          "[modules]") {
  TOCSIN_NEEDS_KERNEL();
  const TempDir dir;
  const auto library = make_library(std::filesystem::canonical(dir.path()) / "libffmpeg.so");
  Daemon daemon({.settings = {"capture.costly_hooks=true"}});
  require_ready(daemon);
  EventFollower lines(daemon, "module");
  const Child mapping({.argv = {action_path("load_library"), library.path, "15000"}});
  const auto read = lines.wait(of_path(library.path));
  INFO(lines.text() << told(daemon));
  REQUIRE(read);
  REQUIRE(read->at("sha256") == library.sha256);
  CHECK(daemon.alerts().empty());
  write_file(daemon.indicator_path(), indicator_file({library.indicator()}));
  const auto alert = daemon.wait_alert([&](const json& a) {
    return at(a, "event.action") == "module-load" && at(a, "process.pid") == mapping.pid();
  });
  REQUIRE(alert);
  CHECK(at(*alert, "dll.path") == library.path.string());
  CHECK(daemon.stop() == 0);
}

TEST_CASE("a contact names the libraries that no package vouches for", "[modules]") {
  TOCSIN_NEEDS_KERNEL();
  const TempDir dir;
  const auto library = make_library(std::filesystem::canonical(dir.path()) / "implant.so");
  Daemon daemon(
      {.indicators = indicator_file({"ip,127.66.0.8"}), .settings = {"capture.costly_hooks=true"}});
  require_ready(daemon);
  const auto report = act("load_library", {library.path, "500", "127.66.0.8", "9"});
  REQUIRE(report);
  const auto alert =
      daemon.wait_alert([](const json& a) { return at(a, "event.action") == "connect"; });
  INFO(told(daemon));
  REQUIRE(alert);
  const auto modules = at(*alert, "tocsin.modules");
  const auto found = std::find_if(modules.begin(), modules.end(), of_path(library.path));
  REQUIRE(found != modules.end());
  CHECK(found->at("sha256") == library.sha256);
  CHECK(found->at("own") == true);
  CHECK(daemon.stop() == 0);
}

TEST_CASE("packages own their programs and libraries, and their content is intact", "[modules]") {
  TOCSIN_NEEDS_KERNEL();
  if (!std::filesystem::exists("/var/lib/dpkg/status"))
    return print_skipped("package ownership", "this host has no dpkg");
  const TempDir dir;
  const auto library = make_library(std::filesystem::canonical(dir.path()) / "implant.so");
  Daemon daemon({.indicators = indicator_file({"sha256," + sha256_of("/usr/bin/true")}),
                 .settings = {"capture.costly_hooks=true"}});
  require_ready(daemon);
  for (int i = 0; i < 200 && daemon.status().at("packages").at("read") == false; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  const auto packages = daemon.status().at("packages");
  INFO(packages.dump());
  CHECK(packages.at("complete") == true);
  CHECK(packages.at("files").get<int>() > 1'000);
  EventFollower lines(daemon, "module");
  REQUIRE(run_program({"/usr/bin/true"}).exit_code == 0);
  REQUIRE(act("load_library", {library.path, "0"}));
  const auto libc = lines.wait([](const json& event) {
    return event.value("path", "").find("/libc.so.6") != std::string::npos;
  });
  INFO(lines.text() << told(daemon));
  REQUIRE(libc);
  CHECK(libc->at("package") == "libc6");
  // Compared only when the file is young.
  if (libc->contains("sha256")) CHECK(libc->at("package_intact") == true);
  const auto implant = lines.wait(of_path(library.path));
  REQUIRE(implant);
  CHECK(implant->at("packaged") == false);
  CHECK(implant->at("sha256") == library.sha256);
  const auto alert = daemon.wait_alert(
      [](const json& a) { return at(a, "process.executable") == "/usr/bin/true"; });
  REQUIRE(alert);
  CHECK(at(*alert, "package.name") == "coreutils");
  CHECK(at(*alert, "tocsin.package_intact") == true);
  CHECK(daemon.stop() == 0);
}

TEST_CASE("a container's library is read in the container's own root", "[modules]") {
  TOCSIN_NEEDS_KERNEL();
  if (!RuncBundle::available()) return print_skipped("container by runc", "runc is not installed");
  const TempDir dir;
  RuncBundle bundle(dir / "bundle");
  const auto path = std::filesystem::canonical(dir.path()) / "twin.so";
  std::filesystem::create_directories(bundle.root() / path.parent_path().relative_path());
  const auto outside = make_library(path);
  const auto inside_path = bundle.root() / path.relative_path();
  const auto inside = make_library(inside_path);
  std::filesystem::copy_file(action_path("map_library"), bundle.root() / "bin/map_library");
  Daemon daemon({.indicators = indicator_file({inside.indicator(), outside.indicator()}),
                 .settings = {"capture.costly_hooks=true"}});
  require_ready(daemon);
  const auto done = bundle.run({"/bin/map_library", path, "300"});
  INFO(done.out << done.err);
  REQUIRE(done.exit_code == 0);
  const auto by_hash = [](const std::string& sha256) {
    return [sha256](const json& alert) { return at(alert, "dll.hash.sha256") == sha256; };
  };
  const auto alert = daemon.wait_alert(by_hash(inside.sha256));
  INFO(told(daemon));
  REQUIRE(alert);
  CHECK(at(*alert, "container.id") == bundle.id());
  CHECK(at(*alert, "dll.path") == path.string());
  CHECK_FALSE(daemon.wait_alert(by_hash(outside.sha256), Millis(0)));
  CHECK(daemon.stop() == 0);
}
