// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <sstream>
#include <thread>

#include <nlohmann/json.hpp>

#include "base/fd.hpp"
#include "sink/fan_out.hpp"
#include "sink/file_sink.hpp"
#include "support/alert_fixture.hpp"
#include "support/temp_dir.hpp"
#include "support/test.hpp"
#include "support/tiny_disk.hpp"

namespace tocsin {
namespace {

using namespace std::chrono_literals;
using test::TempDir;
using test::TinyDisk;

std::shared_ptr<const RenderedAlert> any_alert() {
  return test::sample_rendered(test::sample_alert(AlertKind::kExecHash));
}

bool eventually(const std::function<bool()>& condition) {
  for (int i = 0; i < 500; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(10ms);
  }
  return false;
}

TEST_CASE("a full disk is told, and after room is made no alert is missing", "[fault][sink]") {
  const TempDir dir;
  const TinyDisk disk(dir.file("disk"), 64);
  if (!disk.mounted()) {
    WARN("skipped: mounting a tmpfs needs root");
    return;
  }
  const std::string path = dir.file("disk/alerts.jsonl");
  const std::string ballast = dir.write("disk/ballast", std::string(40 * 1024, 'x'));
  FanOut sinks({.retry_first = 5ms, .retry_most = 20ms});
  sinks.add(std::make_unique<FileSink>(FileSinkOptions{.path = path}));
  constexpr int kAlerts = 10;  // about 4 KiB each: the disk is full before the last
  std::size_t bytes = 0;
  for (int i = 0; i < kAlerts; ++i) {
    Alert alert = test::sample_alert(AlertKind::kExecHash);
    alert.id = std::to_string(i);
    const auto rendered = test::sample_rendered(alert);
    bytes += rendered->json.size() + 1;
    sinks.publish(rendered);
  }
  REQUIRE(bytes > 24 * 1024);
  REQUIRE(bytes < 60 * 1024);
  REQUIRE(eventually([&] { return sinks.status()[0].errors >= 2; }));
  const SinkStatus full = sinks.status()[0];
  CHECK(full.health.state == SinkState::kFailing);
  CHECK(full.health.detail == path + ": write: No space left on device");
  CHECK(full.delivered + full.queued == kAlerts);
  CHECK(full.dropped == 0);

  std::filesystem::remove(ballast);
  CHECK(sinks.stop(5s));
  CHECK(sinks.status()[0].delivered == kAlerts);
  CHECK(sinks.status()[0].health.state == SinkState::kOk);
  // The record that met the end of the disk was continued: every line is whole, in order.
  std::istringstream lines(test::read_text(path));
  int n = 0;
  for (std::string line; std::getline(lines, line); ++n) {
    const auto json = nlohmann::json::parse(line, nullptr, false);
    REQUIRE_FALSE(json.is_discarded());
    CHECK(json["event"]["id"] == std::to_string(n));
  }
  CHECK(n == kAlerts);
}

TEST_CASE("a device that is always full never stops the other sink", "[fault][sink]") {
  const TempDir dir;
  FanOut sinks({.queue_max = 8, .retry_first = 5ms, .retry_most = 20ms});
  sinks.add(std::make_unique<FileSink>(FileSinkOptions{.path = "/dev/full"}));
  sinks.add(std::make_unique<FileSink>(FileSinkOptions{.path = dir.file("a")}));
  for (int i = 0; i < 100; ++i) {
    sinks.publish(any_alert());
    REQUIRE(eventually([&] { return sinks.status()[1].queued == 0; }));
  }
  CHECK_FALSE(sinks.stop(100ms));
  const auto status = sinks.status();
  CHECK(status[0].errors > 0);
  CHECK(status[0].dropped == 100);
  CHECK(status[0].health.detail == "/dev/full: write: No space left on device");
  CHECK(status[1].delivered == 100);
  CHECK(status[1].dropped == 0);
}

TEST_CASE("a FIFO without a reader, or with one that never reads, holds nobody", "[fault][sink]") {
  const TempDir dir;
  const std::string nobody = dir.file("nobody");
  const std::string sleeper = dir.file("sleeper");
  REQUIRE(::mkfifo(nobody.c_str(), 0600) == 0);
  REQUIRE(::mkfifo(sleeper.c_str(), 0600) == 0);
  const Fd reader(::open(sleeper.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  REQUIRE(reader);

  FanOut sinks({.queue_max = 16, .retry_first = 5ms, .retry_most = 20ms, .stuck_after = 50ms});
  sinks.add(std::make_unique<FileSink>(FileSinkOptions{.path = nobody}));
  sinks.add(std::make_unique<FileSink>(FileSinkOptions{.path = sleeper}));
  sinks.add(std::make_unique<FileSink>(FileSinkOptions{.path = dir.file("a")}));
  constexpr std::uint64_t kAlerts = 200;  // more than a pipe holds
  std::chrono::steady_clock::duration slowest{};
  for (std::uint64_t i = 0; i < kAlerts; ++i) {
    const auto alert = any_alert();
    const auto before = std::chrono::steady_clock::now();
    sinks.publish(alert);
    slowest = std::max(slowest, std::chrono::steady_clock::now() - before);
    REQUIRE(eventually([&] { return sinks.status()[2].queued < 8; }));
  }
  CHECK(slowest < 5s);
  REQUIRE(eventually([&] { return sinks.status()[2].delivered == kAlerts; }));
  REQUIRE(eventually([&] { return sinks.status()[1].health.state == SinkState::kFailing; }));
  CHECK(sinks.status()[0].health.detail == nobody + ": open: No such device or address");

  const auto before = std::chrono::steady_clock::now();
  CHECK_FALSE(sinks.stop(200ms));
  CHECK(std::chrono::steady_clock::now() - before < 2s);
  for (const auto& status : sinks.status()) CHECK(status.delivered + status.dropped == kAlerts);
  CHECK(sinks.status()[0].delivered == 0);
  CHECK(sinks.status()[1].delivered > 0);
  CHECK(sinks.status()[2].dropped == 0);
}

}  // namespace
}  // namespace tocsin
