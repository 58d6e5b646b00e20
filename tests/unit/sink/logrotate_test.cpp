// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// The shipped logrotate snippet, run by the real logrotate while alerts are written.
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <map>
#include <regex>
#include <sstream>
#include <thread>

#include <nlohmann/json.hpp>

#include "sink/file_sink.hpp"
#include "support/alert_fixture.hpp"
#include "support/child.hpp"
#include "support/temp_dir.hpp"
#include "support/test.hpp"

namespace tocsin {
namespace {

constexpr int kAlerts = 1'500;
const std::string kLogrotate = "/usr/sbin/logrotate";

std::shared_ptr<const RenderedAlert> numbered(int n) {
  Alert alert = test::sample_alert(AlertKind::kHealth);
  alert.id = std::to_string(n);
  return test::sample_rendered(alert);
}

// The snippet as it is shipped, but for the folder and the user.
std::string snippet(const std::string& folder) {
  const std::string file = std::string(TOCSIN_SOURCE_DIR) + "/packaging/debian/tocsin.logrotate";
  auto text = test::read_text(file);
  text = std::regex_replace(text, std::regex("/var/log/tocsin/"), folder + "/");
  return std::regex_replace(text, std::regex("su tocsin tocsin"), "");
}

std::string text_of(const std::filesystem::path& file) {
  return file.extension() == ".gz" ? test::run_program({"zcat", file}).out : test::read_text(file);
}

TEST_CASE("logrotate takes files away while alerts are written, and none is lost", "[sink][file]") {
  if (!std::filesystem::exists(kLogrotate) || geteuid() != 0) {
    WARN("skipped: logrotate is not installed, or this is not root");
    return;
  }
  const test::TempDir dir;
  std::filesystem::create_directory(dir / "log");
  const auto config = dir.write("snippet", snippet((dir / "log").string()));
  std::filesystem::permissions(config, std::filesystem::perms(0644));
  std::atomic<int> written = 0;
  std::jthread writer([&](const std::stop_token& stop) {
    FileSink sink({.path = (dir / "log/alerts.jsonl").string()});
    while (written < kAlerts && !stop.stop_requested())
      if (sink.write(*numbered(written), stop)) ++written;
  });
  // Names have a resolution of one second; more rotations than that would be of one name.
  for (int round = 0; round < 3; ++round) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1'100));
    const auto run = test::run_program({kLogrotate, "-f", "-s", dir.file("state"), config});
    INFO(run.err);
    REQUIRE(run.exit_code == 0);
    if (written < kAlerts) continue;
    // All are out already: one more, so that there is something to rotate.
    FileSink sink({.path = (dir / "log/alerts.jsonl").string()});
    REQUIRE(sink.write(*numbered(kAlerts + round), {}));
  }
  while (written < kAlerts) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  writer.join();

  std::map<std::string, int> seen;
  int files = 0, packed = 0;
  for (const auto& entry : std::filesystem::directory_iterator(dir / "log")) {
    ++files;
    packed += entry.path().extension() == ".gz" ? 1 : 0;
    std::istringstream lines(text_of(entry.path()));
    for (std::string line; std::getline(lines, line);)
      ++seen[nlohmann::json::parse(line)["event"]["id"].get<std::string>()];
  }
  CHECK(files >= 3);
  CHECK(packed >= 1);
  for (int n = 0; n < kAlerts; ++n) {
    INFO(n);
    REQUIRE(seen[std::to_string(n)] == 1);
  }
}

}  // namespace
}  // namespace tocsin
