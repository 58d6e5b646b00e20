// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "sink/fan_out.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <thread>

#include <nlohmann/json.hpp>

#include "sink/file_sink.hpp"
#include "sink/null_sink.hpp"
#include "support/alert_fixture.hpp"
#include "support/temp_dir.hpp"
#include "support/test.hpp"

namespace tocsin {
namespace {

using namespace std::chrono_literals;
using test::TempDir;

std::shared_ptr<const RenderedAlert> alert_of(AlertKind kind) {
  return test::sample_rendered(test::sample_alert(kind));
}

bool eventually(const std::function<bool()>& condition) {
  for (int i = 0; i < 500; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(10ms);
  }
  return false;
}

std::size_t lines_in(const std::string& path) {
  const std::string text = test::read_text(path);
  return static_cast<std::size_t>(std::ranges::count(text, '\n'));
}

TEST_CASE("every alert reaches every sink", "[sink][fanout]") {
  const TempDir dir;
  FanOut sinks;
  sinks.add(std::make_unique<FileSink>(FileSinkOptions{.path = dir.file("a")}));
  sinks.add(std::make_unique<NullSink>());
  const auto alert = alert_of(AlertKind::kExecHash);
  for (int i = 0; i < 1000; ++i) sinks.publish(alert);
  CHECK(sinks.stop(10s));
  const auto status = sinks.status();
  REQUIRE(status.size() == 2);
  CHECK(status[0].name == "file");
  CHECK(status[1].name == "null");
  for (const auto& sink : status) {
    CHECK(sink.delivered == 1000);
    CHECK(sink.dropped == 0);
    CHECK(sink.errors == 0);
    CHECK(sink.queued == 0);
  }
  CHECK(lines_in(dir.file("a")) == 1000);
}

TEST_CASE("a failed write is tried again until it succeeds", "[sink][fanout]") {
  const TempDir dir;
  FanOut sinks({.retry_first = 5ms, .retry_most = 20ms});
  sinks.add(std::make_unique<FileSink>(FileSinkOptions{.path = dir.file("later/a")}));
  for (int i = 0; i < 3; ++i) sinks.publish(alert_of(AlertKind::kHealth));
  REQUIRE(eventually([&] { return sinks.status()[0].errors >= 3; }));
  CHECK(sinks.status()[0].queued == 3);
  CHECK(sinks.status()[0].health.state == SinkState::kFailing);
  std::filesystem::create_directory(dir.file("later"));
  REQUIRE(eventually([&] { return sinks.status()[0].delivered == 3; }));
  CHECK(sinks.status()[0].health.state == SinkState::kOk);
  CHECK(sinks.status()[0].dropped == 0);
  CHECK(lines_in(dir.file("later/a")) == 3);
}

TEST_CASE("a full queue drops the oldest and counts it", "[sink][fanout]") {
  const TempDir dir;
  FanOut sinks({.queue_max = 4, .retry_first = 5ms, .retry_most = 20ms});
  sinks.add(std::make_unique<FileSink>(FileSinkOptions{.path = dir.file("later/a")}));
  for (int i = 0; i < 10; ++i) {
    Alert alert = test::sample_alert(AlertKind::kHealth);
    alert.id = std::to_string(i);
    sinks.publish(test::sample_rendered(alert));
    // The first is on its way when the others come.
    REQUIRE(eventually([&] { return sinks.status()[0].errors >= 1; }));
  }
  CHECK(sinks.status()[0].queued == 4);
  CHECK(sinks.status()[0].dropped == 6);
  std::filesystem::create_directory(dir.file("later"));
  CHECK(sinks.stop(5s));
  CHECK(sinks.status()[0].delivered == 4);
  const std::string text = test::read_text(dir.file("later/a"));
  for (const char* id : {"0", "7", "8", "9"})
    CHECK(text.find("\"id\":\"" + std::string(id) + "\"") != std::string::npos);
}

TEST_CASE("the memory of a queue is bounded", "[sink][fanout]") {
  const TempDir dir;
  const auto alert = alert_of(AlertKind::kExecHash);
  const std::size_t size = alert->json.size() + alert->human.size();
  FanOut sinks({.queue_bytes_max = 3 * size});
  sinks.add(std::make_unique<FileSink>(FileSinkOptions{.path = dir.file("none/a")}));
  for (int i = 0; i < 100; ++i) sinks.publish(alert);
  CHECK(sinks.status()[0].queued <= 4);
  CHECK(sinks.status()[0].queued + sinks.status()[0].dropped == 100);
}

TEST_CASE("at the stop what cannot be delivered is counted", "[sink][fanout]") {
  const TempDir dir;
  FanOut sinks({.retry_first = 5ms});
  sinks.add(std::make_unique<FileSink>(FileSinkOptions{.path = dir.file("none/a")}));
  for (int i = 0; i < 5; ++i) sinks.publish(alert_of(AlertKind::kHealth));
  const auto before = std::chrono::steady_clock::now();
  CHECK_FALSE(sinks.stop(100ms));
  CHECK(std::chrono::steady_clock::now() - before < 2s);
  const auto status = sinks.status();
  CHECK(status[0].dropped == 5);
  CHECK(status[0].delivered == 0);
  CHECK(status[0].queued == 0);
}

// Held by the kernel, as in a write to a dead network file system: it does not look at the stop.
class DeafSink final : public Sink {
 public:
  explicit DeafSink(std::chrono::milliseconds held) : held_(held) {}
  [[nodiscard]] std::string_view name() const override { return "deaf"; }
  Result<Written> write(const RenderedAlert&, const std::stop_token&) override {
    std::this_thread::sleep_for(held_);
    return Written::kDelivered;
  }

 private:
  std::chrono::milliseconds held_;
};

TEST_CASE("a sink that the kernel holds is left behind, its records counted", "[sink][fanout]") {
  const TempDir dir;
  FanOut sinks({.stuck_after = 50ms});
  sinks.add(std::make_unique<DeafSink>(1500ms));
  sinks.add(std::make_unique<FileSink>(FileSinkOptions{.path = dir.file("a")}));
  for (int i = 0; i < 3; ++i) sinks.publish(alert_of(AlertKind::kHealth));
  REQUIRE(eventually([&] { return sinks.status()[1].delivered == 3; }));
  REQUIRE(eventually([&] { return sinks.status()[0].health.state == SinkState::kFailing; }));
  CHECK(sinks.status()[0].health.detail.starts_with("stuck in one record"));
  const auto before = std::chrono::steady_clock::now();
  CHECK_FALSE(sinks.stop(50ms));
  CHECK(std::chrono::steady_clock::now() - before < 1s);
  CHECK(sinks.status()[0].dropped == 3);
  CHECK(sinks.status()[1].delivered == 3);
  std::this_thread::sleep_for(1600ms);  // lets the thread end before the test program does
}

}  // namespace
}  // namespace tocsin
