// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// Listed content is refused where the kernel can hash it, and killed where it cannot: each way to
// run a file that somebody might try instead.
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/magic.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iostream>
#include <thread>

#include "support/kernel.hpp"

using namespace tocsin::test;
using nlohmann::json;

namespace {

constexpr const char* kLongMs = "8000";  // a victim that nobody stops ends after this
constexpr int kKilled = 128 + 9;
// What a shell says of a program that it may not execute.
constexpr int kNotExecutable = 126;

struct Ran {
  int code = -1;
  double ms = 0;
  [[nodiscard]] bool stopped() const { return code == kKilled || code == kNotExecutable; }
};

// Through a shell that lives on: it tells a refused execution from a killed one.
Ran run(const std::string& command) {
  const auto start = std::chrono::steady_clock::now();
  const auto done = run_program({"/bin/sh", "-c", command + "; exit $?"});
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
  return {done.exit_code, took.count()};
}

bool attached(Daemon& daemon, std::string_view event) {
  const auto status = daemon.status();
  return std::ranges::any_of(at(status, "hooks"), [event](const json& hook) {
    return hook.at("event") == event && hook.at("state") == "attached";
  });
}

bool sees(Daemon& daemon, std::string_view event) {
  const auto status = daemon.status();
  return std::ranges::any_of(at(status, "hooks"), [event](const json& hook) {
    return hook.at("event") == event && hook.at("state") != "missing";
  });
}

struct Watch {
  TempDir dir;
  Payload payload;
  Daemon daemon;

  explicit Watch(const std::string& mode, bool script = false)
      : payload(script ? make_script(dir / "payload", 8000) : make_payload(dir / "payload")),
        daemon({.indicators = indicator_file({payload.indicator()}),
                .settings = {fmt::format("response.sets=[\"test={}\"]", mode)}}) {
    require_ready(daemon);
  }
  ~Watch() { CHECK(daemon.stop() == 0); }

  // Whether this kernel refuses content itself.
  bool refuses() { return attached(daemon, "deny-exec"); }
  // The next alert with an answer.
  json answered() {
    const auto seen = answered_;
    const auto alert = daemon.wait_alert([&](const json& a) {
      return !at(a, "tocsin.response").is_null() && a.at("event").at("id") > seen;
    });
    INFO(told(daemon));
    REQUIRE(alert);
    answered_ = alert->at("event").at("id");
    CHECK(at(*alert, "tocsin.response.result") == "done");
    return *alert;
  }

 private:
  std::string answered_;
};

}  // namespace

TEST_CASE("listed content is stopped the first time it runs, and at once the second time",
          "[response]") {
  TOCSIN_NEEDS_KERNEL();
  const std::string mode = GENERATE("kill", "deny");
  Watch watch(mode);
  const auto first = run(watch.payload.path.string() + " " + kLongMs);
  CHECK(first.stopped());
  const auto alert = watch.answered();
  const auto latency = at(alert, "tocsin.response.latency_ns").get<double>() / 1e6;
  const auto again = run(watch.payload.path.string() + " " + kLongMs);
  CHECK(again.stopped());
  std::cout << fmt::format(
      "{}: first run {} after {:.2f} ms by the daemon ({:.1f} ms in all), "
      "second {:.1f} ms in all\n",
      mode, at(alert, "tocsin.response.action").get<std::string>(), latency, first.ms, again.ms);
  if (mode == "deny" && watch.refuses()) {
    CHECK(first.code == kNotExecutable);
    CHECK(at(alert, "tocsin.response.action") == "deny");
  } else {
    CHECK(again.code == kKilled);
    const auto killed = watch.daemon.wait_alert([](const json& a) {
      return at(a, "tocsin.response.detail") == "in the exec hook, before its first instruction";
    });
    INFO(told(watch.daemon));
    CHECK(killed);
  }
}

TEST_CASE("a known file is stopped before its first instruction, however it is called",
          "[response][vm]") {
  TOCSIN_NEEDS_KERNEL();
  Watch watch("deny");
  const auto at_once = [&](const std::string& what, const std::string& path) {
    INFO(what);
    const auto ran = run(path + " " + kLongMs);
    const auto alert = watch.answered();
    if (watch.refuses()) {
      CHECK(ran.code == kNotExecutable);
      CHECK(at(alert, "tocsin.response.action") == "deny");
    } else {
      CHECK(ran.code == kKilled);
      CHECK(at(alert, "tocsin.response.detail") ==
            "in the exec hook, before its first instruction");
    }
  };
  CHECK(run(watch.payload.path.string() + " " + kLongMs).stopped());
  (void)watch.answered();
  std::filesystem::rename(watch.payload.path, watch.dir / "renamed");
  at_once("renamed", watch.dir.file("renamed"));
  std::filesystem::create_hard_link(watch.dir / "renamed", watch.dir / "linked");
  at_once("hard link", watch.dir.file("linked"));
  std::filesystem::permissions(watch.dir / "linked", std::filesystem::perms(0711));
  at_once("another mode", watch.dir.file("linked"));
}

TEST_CASE("content that is written through a mapping of a file in memory is stopped",
          "[response][vm]") {
  TOCSIN_NEEDS_KERNEL();
  struct statfs where {};
  if (statfs("/dev/shm", &where) != 0 || where.f_type != TMPFS_MAGIC)
    return print_skipped("written through a mapping", "/dev/shm is no tmpfs");
  Watch watch("deny");
  const auto path = fmt::format("/dev/shm/tocsin-mapped-{}", ::getpid());
  std::filesystem::copy_file(watch.payload.path, path);
  // The last byte is behind the program's end: without it the content is not listed.
  const auto size = std::filesystem::file_size(path);
  const auto flip_last = [&] {
    const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
    REQUIRE(fd >= 0);
    auto* at = static_cast<char*>(mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
    REQUIRE(at != MAP_FAILED);
    at[size - 1] = static_cast<char>(at[size - 1] ^ 1);
    munmap(at, size);
    ::close(fd);
  };
  flip_last();
  for (int i = 0; i < 2; ++i) {  // a verdict is kept about what was left alone for a while
    std::this_thread::sleep_for(Millis(300));
    CHECK(run(path + " 10").code == 0);
  }
  flip_last();
  CHECK(run(fmt::format("{} {}", path, kLongMs)).stopped());
  std::filesystem::remove(path);
}

TEST_CASE("listed content is stopped when the dynamic loader runs it", "[response][vm]") {
  TOCSIN_NEEDS_KERNEL();
  const std::string loader = "/lib64/ld-linux-x86-64.so.2";
  if (!std::filesystem::exists(loader)) return print_skipped("ld.so PROG", "no " + loader);
  TempDir dir;
  const Payload payload = make_payload(dir / "payload", "load_library");
  Daemon daemon({.indicators = indicator_file({payload.indicator()}),
                 .settings = {"response.sets=[\"test=deny\"]"}});
  require_ready(daemon);
  const auto ran =
      run(fmt::format("{} {} {} 2000", loader, payload.path.string(), action_path("library.so")));
  if (!attached(daemon, "deny-library")) {
    // What gets round on this kernel stands in docs/limitations.md: nothing hashes a mapping.
    CHECK((ran.code == 0 || ran.code == kKilled));
    return print_skipped("ld.so PROG", "this kernel has no BPF LSM with IMA");
  }
  CHECK(ran.code != 0);
  const auto alert = daemon.wait_alert([&](const json& a) {
    return at(a, "event.action") == "module-load" && at(a, "tocsin.response.action") == "deny";
  });
  INFO(told(daemon));
  CHECK(alert);
  CHECK(daemon.stop() == 0);
}

TEST_CASE("content is stopped under any name, in memory, and in another namespace",
          "[response][vm]") {
  TOCSIN_NEEDS_KERNEL();
  Watch watch("deny");
  const std::string original = watch.payload.path;
  const auto stopped = [&](const std::string& what, const std::string& command) {
    INFO(what);
    CHECK(run(command).stopped());
  };
  stopped("original", original + " " + kLongMs);
  std::filesystem::rename(original, watch.dir / "renamed");
  stopped("renamed", watch.dir.file("renamed") + " " + kLongMs);
  std::filesystem::create_hard_link(watch.dir / "renamed", watch.dir / "linked");
  stopped("hard link", watch.dir.file("linked") + " " + kLongMs);
  std::filesystem::copy_file(watch.dir / "renamed", watch.dir / "copied");
  stopped("copy", watch.dir.file("copied") + " " + kLongMs);
  stopped("another mount namespace",
          fmt::format("unshare -m sh -c 'mount -t tmpfs none /mnt && cp {} /mnt/x && exec /mnt/x "
                      "{}'",
                      watch.dir.file("copied"), kLongMs));
  stopped("another network namespace",
          fmt::format("unshare -n {} {}", watch.dir.file("copied"), kLongMs));
}

TEST_CASE("a listed script is stopped", "[response][vm]") {
  TOCSIN_NEEDS_KERNEL();
  Watch watch("deny", /*script=*/true);
  CHECK(run(watch.payload.path).stopped());
  const auto alert = watch.answered();
  INFO(alert.dump());
  const bool refused = watch.refuses();
  CHECK(at(alert, "tocsin.response.action") == (refused ? "deny" : "kill"));
}

TEST_CASE("content that runs from memory is stopped", "[response][vm]") {
  TOCSIN_NEEDS_KERNEL();
  Watch watch("deny");
  // The action starts it and goes away: who stopped it, and when, is in the alert.
  const auto done = run_program({action_path("exec_memfd"), watch.payload.path, kLongMs});
  const auto alert = watch.answered();
  INFO(done.out << done.err << alert.dump());
  if (watch.refuses()) {
    CHECK(at(alert, "tocsin.response.action") == "deny");
  } else {
    CHECK(at(alert, "tocsin.response.action") == "kill");
    CHECK(at(alert, "tocsin.response.latency_ns").get<std::uint64_t>() < 4'000'000'000ULL);
  }
}

TEST_CASE("what runs already is killed when its set comes", "[response]") {
  TOCSIN_NEEDS_KERNEL();
  Watch watch("kill");
  const Payload late = make_payload(watch.dir / "late");
  Child victim({.argv = {late.path, kLongMs}});
  write_file(watch.daemon.indicator_path(), indicator_file({late.indicator()}));
  watch.daemon.child().signal(SIGHUP);
  CHECK(victim.wait(Millis(7'000)) == kKilled);
}

TEST_CASE("a dry run and the allow-list let listed content run", "[response]") {
  TOCSIN_NEEDS_KERNEL();
  const bool dry = GENERATE(true, false);
  TempDir dir;
  const Payload payload = make_payload(dir / "payload");
  Daemon daemon({.indicators = indicator_file({payload.indicator()}),
                 .settings = {"response.sets=[\"test=deny\"]",
                              dry ? std::string("response.dry_run=true")
                                  : fmt::format("response.allow=[\"{}\"]", payload.sha256)}});
  require_ready(daemon);
  for (int i = 0; i < 2; ++i) CHECK(run(payload.path.string() + " 50").code == 0);
  const auto alert = daemon.wait_alert(
      [&](const json& a) { return at(a, "process.hash.sha256") == payload.sha256; });
  INFO(told(daemon));
  REQUIRE(alert);
  if (dry) {
    CHECK(at(*alert, "tocsin.response.result") == "dry-run");
  } else {
    CHECK(at(*alert, "tocsin.response").is_null());
  }
  CHECK(daemon.stop() == 0);
}

TEST_CASE("a file that is not listed any more is executed again", "[response]") {
  TOCSIN_NEEDS_KERNEL();
  Watch watch("kill");
  const auto runs = [&] { return run(watch.payload.path.string() + " 50").code; };
  CHECK(run(watch.payload.path.string() + " " + kLongMs).stopped());
  (void)watch.answered();
  CHECK(runs() == kKilled);  // in the exec hook
  write_file(watch.daemon.indicator_path(), indicator_file({"ip,127.66.0.10"}));
  watch.daemon.child().signal(SIGHUP);
  int last = kKilled;
  for (int i = 0; i < 100 && last == kKilled; ++i) last = runs();
  CHECK(last == 0);
  CHECK(at(watch.daemon.status(), "response.killed_files.known") == 0);
}

TEST_CASE("a listed library kills whoever maps it, however soon after the last one",
          "[response][vm]") {
  TOCSIN_NEEDS_KERNEL();
  const std::string mode = GENERATE("kill", "deny");
  TempDir dir;
  const auto path = dir.file("library.so");
  std::filesystem::copy_file(action_path("library.so"), path);
  std::ofstream(path, std::ios::app | std::ios::binary) << path;
  const auto indicators = indicator_file({"sha256," + sha256_of(path)});
  Daemon daemon({.indicators = indicators,
                 .settings = {"capture.costly_hooks=true",
                              fmt::format("response.sets=[\"test={}\"]", mode)}});
  require_ready(daemon);
  if (!sees(daemon, "module")) return print_skipped("killed library", "no hook for them works");
  if (mode == "deny" && attached(daemon, "deny-library")) return;  // refused, as below
  const auto load = [&](const std::string& by, const char* ms) {
    return run(fmt::format("{} {} {}", action_path(by), path, ms)).code;
  };
  const auto stops = [&](const std::string& by) { return load(by, kLongMs) == kKilled; };
  CHECK(stops("load_library"));  // when it has been hashed
  // Started anew at once, as by a supervisor, and by another program.
  for (const char* by : {"load_library", "load_library", "map_library"}) CHECK(stops(by));
  const auto other = std::filesystem::canonical(action_path("map_library")).string();
  const auto alert = daemon.wait_alert([&](const json& a) {
    return at(a, "tocsin.response.detail") == "as it was mapped, before its first instruction" &&
           at(a, "process.executable") == other;
  });
  INFO(told(daemon));
  REQUIRE(alert);
  CHECK(at(*alert, "tocsin.response.result") == "done");
  CHECK(at(*alert, "dll.path") == path);
  CHECK(at(daemon.status(), "response.killed") == 4);
  write_file(daemon.indicator_path(), indicator_file({"ip,127.66.0.10"}));
  daemon.child().signal(SIGHUP);
  int last = kKilled;
  for (int i = 0; i < 100 && last == kKilled; ++i) last = load("load_library", "10");
  CHECK(last == 0);
  CHECK(daemon.stop() == 0);
}

TEST_CASE("a listed library is refused where the kernel can hash it", "[response][vm][brief]") {
  TOCSIN_NEEDS_KERNEL();
  TempDir dir;
  const auto path = dir.file("library.so");
  std::filesystem::copy_file(action_path("library.so"), path);
  std::ofstream(path, std::ios::app | std::ios::binary) << path;
  Daemon daemon({.indicators = indicator_file({"sha256," + sha256_of(path)}),
                 .settings = {"response.sets=[\"test=deny\"]"}});
  require_ready(daemon);
  if (!attached(daemon, "deny-library"))
    return print_skipped("refused library", "this kernel has no BPF LSM with IMA");
  CHECK(run_program({action_path("load_library"), path, "10"}).exit_code != 0);
  const auto alert = daemon.wait_alert([&](const json& a) {
    return at(a, "event.action") == "module-load" && at(a, "tocsin.response.action") == "deny";
  });
  INFO(told(daemon));
  CHECK(alert);
  CHECK(daemon.stop() == 0);
}
