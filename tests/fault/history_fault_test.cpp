// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// A disk that is full or does not answer, and a writer that is killed: nobody waits, what is lost
// is counted, and what was acknowledged is there.
#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "base/fd.hpp"
#include "history/alert_store.hpp"
#include "tiny_disk.hpp"
#include "unit/history/history_fixture.hpp"

namespace tocsin::test {
namespace {

using namespace std::chrono_literals;
using Steady = std::chrono::steady_clock;

bool eventually(const std::function<bool()>& condition) {
  const auto end = Steady::now() + kSoon;
  while (!condition()) {
    if (Steady::now() > end) return false;
    std::this_thread::sleep_for(10ms);
  }
  return true;
}

RenderedAlert alert_named(std::string id) {
  RenderedAlert rendered;
  rendered.alert.id = std::move(id);
  rendered.alert.time_ns = rendered.alert.reported_ns = kNoon;
  rendered.json = "{}";
  return rendered;
}

// Adds one sighting and one event; how long that took the caller.
Steady::duration add(HistoryStore& store, int n) {
  const auto before = Steady::now();
  auto pending = store.pending();
  pending->see(name_seen("com.n" + std::to_string(n), kNoon, nullptr));
  pending->add(event_at(kNoon, "n" + std::to_string(n)));
  return Steady::now() - before;
}

TEST_CASE("a full disk is said, held against and written after", "[fault][history]") {
  const TempDir dir;
  const TinyDisk disk(dir.file("disk"), 2048);
  if (!disk.mounted()) {
    WARN("skipped: mounting a tmpfs needs root");
    return;
  }
  const std::string folder = dir.file("disk/history"), ballast = dir.file("disk/ballast");
  auto options = history_options(folder);
  options.pending = {.events_max = 50, .seen_max = 1'000};
  HistoryStore store(options);
  AlertStore alerts({.place = {folder, {}}});
  add(store, 0);
  REQUIRE(store.flush_wait(kSoon));
  std::ofstream(ballast) << std::string(4UL * 1024 * 1024, 'x');  // to the last byte
  Steady::duration slowest{};
  const std::string filler(3'000, 'f');
  for (int i = 1; i <= 400; ++i) {
    slowest = std::max(slowest, add(store, i));
    store.pending()->add_blind({kNoon, kNoon, filler});
  }
  alerts.add(alert_named("a"));
  CHECK_FALSE(store.flush_wait(kSoon));
  CHECK(store.status().state == HistoryState::kFailing);
  CHECK(store.status().detail.find("full") != std::string::npos);
  for (int i = 401; i <= 600; ++i) slowest = std::max(slowest, add(store, i));
  CHECK(slowest < 500ms);
  CHECK(store.status().lost_events > 0);
  CHECK(store.status().lost_seen == 0);

  std::filesystem::remove(ballast);
  REQUIRE(eventually([&] { return store.flush_wait(kSoon); }));
  CHECK(store.status().state == HistoryState::kOk);
  CHECK(number_in(folder + "/seen.db", "SELECT count(*) FROM seen") == 601);
  CHECK(number_in(folder + "/seen.db", "SELECT sum(count) FROM seen") == 601);
  const auto stored = number_in(folder + "/day-2026-11-26.db", "SELECT count(*) FROM event");
  CHECK(static_cast<std::uint64_t>(stored) + store.status().lost_events == 601);
  CHECK(alerts.stop(kSoon));
  CHECK(number_in(folder + "/alerts.db", "SELECT count(*) FROM alert") == 1);
}

TEST_CASE("a file that is held loses single events only, and alerts pass", "[fault][history]") {
  const TempDir dir;
  const auto folder = dir.file("history");
  auto options = history_options(folder);
  options.pending = {.events_max = 10};
  HistoryStore store(options);
  AlertStore alerts({.place = {folder, {}}});
  REQUIRE(store.flush_wait(kSoon));
  auto other = Database::open(folder + "/seen.db", {.mode = Database::Mode::kCreate});
  REQUIRE(other);
  REQUIRE(other->run("BEGIN IMMEDIATE"));
  Steady::duration slowest{};
  for (int i = 0; i < 200; ++i) slowest = std::max(slowest, add(store, i));
  alerts.add(alert_named("a"));
  CHECK_FALSE(store.flush_wait(kSoon));
  CHECK(store.status().state == HistoryState::kFailing);
  CHECK(eventually([&] { return alerts.status().stored == 1; }));
  CHECK(slowest < 500ms);
  CHECK(store.status().lost_events >= 180);
  REQUIRE(other->run("COMMIT"));
  REQUIRE(eventually([&] { return store.flush_wait(kSoon); }));
  CHECK(number_in(folder + "/seen.db", "SELECT count(*) FROM seen") == 200);
}

constexpr const char* kWriterFolder = "TOCSIN_TEST_WRITER_FOLDER";

// Stores alerts and sightings until it is killed; tells each alert that is stored.
[[noreturn]] void write_until_killed(const std::string& folder, int told) {
  HistoryStore store(history_options(folder));
  AlertStore alerts({.place = {folder, {}}});
  std::uint64_t stored = 0;
  for (int i = 0;; ++i) {
    add(store, i);
    if (i % 100 == 0) store.flush([](bool) {});
    alerts.add(alert_named(std::to_string(i)));
    if (const auto now = alerts.status().stored; now != stored) {
      stored = now;
      if (::write(told, &stored, sizeof stored) != sizeof stored) ::_exit(1);
    }
    std::this_thread::sleep_for(100us);
  }
}

// A process of its own, started by the test below: a fork of this one would have the locks of its
// other threads, held for ever.
TEST_CASE("writes until it is killed", "[.history-writer]") {
  if (const char* folder = std::getenv(kWriterFolder)) write_until_killed(folder, STDOUT_FILENO);
}

pid_t start_writer(const std::string& folder, int told) {
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, told, STDOUT_FILENO);
  const auto variable = fmt::format("{}={}", kWriterFolder, folder);
  const char* argv[] = {"writer", "[.history-writer]", nullptr};
  const char* environment[] = {variable.c_str(), nullptr};
  pid_t child = -1;
  posix_spawn(&child, "/proc/self/exe", &files, nullptr, const_cast<char**>(argv),
              const_cast<char**>(environment));
  posix_spawn_file_actions_destroy(&files);
  return child;
}

TEST_CASE("a killed writer leaves whole files with all it acknowledged", "[fault][history]") {
  const TempDir dir;
  const auto folder = dir.file("history");
  std::int64_t expected_runs = 0;
  for (const auto life : {150ms, 400ms}) {
    int told[2];
    REQUIRE(::pipe2(told, O_CLOEXEC) == 0);
    const Fd in(told[0]);
    const pid_t child = start_writer(folder, told[1]);
    ::close(told[1]);
    REQUIRE(child > 0);
    std::uint64_t acknowledged = 0, more = 0;
    REQUIRE(::read(in.get(), &acknowledged, sizeof acknowledged) == sizeof acknowledged);
    std::this_thread::sleep_for(life);
    ::kill(child, SIGKILL);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    while (::read(in.get(), &more, sizeof more) == sizeof more) acknowledged = more;

    auto file = Database::open(folder + "/alerts.db", {});
    REQUIRE(file);
    CHECK(*file->integer("SELECT count(*) FROM alert") >= static_cast<std::int64_t>(acknowledged));
    for (const auto* name : {"/alerts.db", "/seen.db", "/day-2026-11-26.db"}) {
      auto database = Database::open(folder + name, {});
      if (!database && database.error().code == ErrorCode::kNotFound) continue;  // not yet made
      REQUIRE(database);
      auto check = database->prepare("PRAGMA integrity_check");
      REQUIRE(check);
      REQUIRE(check->step());
      CHECK(check->bytes(0) == "ok");
    }
    // A run that was killed has no end.
    expected_runs = number_in(folder + "/seen.db", "SELECT count(*) FROM run");
    CHECK(number_in(folder + "/seen.db", "SELECT count(*) FROM run WHERE stopped_ns IS NULL") ==
          expected_runs);
  }
  HistoryStore store(history_options(folder));
  REQUIRE(store.flush_wait(kSoon));
  CHECK(store.take_remarks().empty());
  CHECK(number_in(folder + "/seen.db", "SELECT count(*) FROM run") == expected_runs + 1);
}

}  // namespace
}  // namespace tocsin::test
