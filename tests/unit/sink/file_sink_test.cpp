// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "sink/file_sink.hpp"

#include <sys/stat.h>

#include <filesystem>
#include <sstream>
#include <vector>

#include <nlohmann/json.hpp>

#include "support/alert_fixture.hpp"
#include "support/temp_dir.hpp"
#include "support/test.hpp"

namespace tocsin {
namespace {

using test::read_text;
using test::TempDir;

const std::stop_token kNoStop;

std::shared_ptr<const RenderedAlert> numbered(int n) {
  Alert alert = test::sample_alert(AlertKind::kHealth);
  alert.id = std::to_string(n);
  return test::sample_rendered(alert);
}

std::vector<std::string> ids_in(const std::string& path) {
  std::vector<std::string> ids;
  std::istringstream in(read_text(path));
  for (std::string line; std::getline(in, line);) {
    const auto json = nlohmann::json::parse(line, nullptr, false);
    ids.push_back(json.is_discarded() ? "broken" : json["event"]["id"].get<std::string>());
  }
  return ids;
}

using Ids = std::vector<std::string>;

TEST_CASE("alerts are appended as lines to a file of mode 0640", "[sink][file]") {
  const TempDir dir;
  const std::string path = dir.file("alerts.jsonl");
  {
    FileSink sink({.path = path});
    REQUIRE(sink.write(*numbered(1), kNoStop));
    REQUIRE(sink.write(*numbered(2), kNoStop));
    CHECK(sink.flush());
    CHECK(sink.health().state == SinkState::kOk);
  }
  FileSink again({.path = path});
  REQUIRE(again.write(*numbered(3), kNoStop));
  CHECK(ids_in(path) == Ids{"1", "2", "3"});
  CHECK((std::filesystem::status(path).permissions() & std::filesystem::perms::others_all) ==
        std::filesystem::perms::none);
}

TEST_CASE("the file is rotated before it grows over its size", "[sink][file]") {
  const TempDir dir;
  const std::string path = dir.file("a");
  const std::uint64_t line = numbered(1)->json.size() + 1;
  FileSink sink({.path = path, .max_bytes = 2 * line + 1, .keep = 2});
  for (int i = 1; i <= 9; ++i) REQUIRE(sink.write(*numbered(i), kNoStop));
  CHECK(ids_in(path) == Ids{"9"});
  CHECK(ids_in(path + ".1") == Ids{"7", "8"});
  CHECK(ids_in(path + ".2") == Ids{"5", "6"});
  CHECK_FALSE(std::filesystem::exists(path + ".3"));
  CHECK(sink.health().state == SinkState::kOk);
}

TEST_CASE("keep 0 keeps no old file, and a line over the limit still goes out", "[sink][file]") {
  const TempDir dir;
  const std::string path = dir.file("a");
  FileSink sink({.path = path, .max_bytes = 10, .keep = 0});
  for (int i = 1; i <= 3; ++i) REQUIRE(sink.write(*numbered(i), kNoStop));
  CHECK(ids_in(path) == Ids{"3"});
  CHECK(std::distance(std::filesystem::directory_iterator(dir.path()), {}) == 1);
}

TEST_CASE("a file moved away by a log rotator is made anew", "[sink][file]") {
  const TempDir dir;
  const std::string path = dir.file("a");
  FileSink sink({.path = path});
  REQUIRE(sink.write(*numbered(1), kNoStop));
  std::filesystem::rename(path, path + ".old");
  REQUIRE(sink.write(*numbered(2), kNoStop));  // noticed without being told
  std::filesystem::remove(path);
  sink.reopen();
  REQUIRE(sink.write(*numbered(3), kNoStop));
  CHECK(ids_in(path + ".old") == Ids{"1"});
  CHECK(ids_in(path) == Ids{"3"});
}

TEST_CASE("a line that an earlier run left half written is ended first", "[sink][file]") {
  const TempDir dir;
  const std::string path = dir.write("a", "{\"half\":");
  FileSink sink({.path = path});
  REQUIRE(sink.write(*numbered(1), kNoStop));
  CHECK(ids_in(path) == Ids{"broken", "1"});
}

TEST_CASE("a folder that is not there is a told error until it appears", "[sink][file]") {
  const TempDir dir;
  const std::string path = dir.file("later/a");
  FileSink sink({.path = path});
  const auto written = sink.write(*numbered(1), kNoStop);
  REQUIRE_FALSE(written);
  CHECK(written.error().message == path + ": open: No such file or directory");
  CHECK(sink.health().state == SinkState::kFailing);
  CHECK(sink.health().detail == written.error().message);
  std::filesystem::create_directory(dir.file("later"));
  REQUIRE(sink.write(*numbered(1), kNoStop));
  CHECK(sink.health().state == SinkState::kOk);
  CHECK(ids_in(path) == Ids{"1"});
}

TEST_CASE("a rotation that cannot be done loses nothing and is told", "[sink][file]") {
  const TempDir dir;
  const std::string path = dir.file("a");
  // A folder with something in it cannot be replaced by a file.
  dir.write("a.1/blocks", "x");
  FileSink sink({.path = path, .max_bytes = 10, .keep = 1});
  REQUIRE(sink.write(*numbered(1), kNoStop));
  REQUIRE(sink.write(*numbered(2), kNoStop));
  CHECK(sink.health().state == SinkState::kFailing);
  CHECK(sink.health().detail.starts_with("rotating: rename"));
  CHECK(ids_in(path) == Ids{"1", "2"});
}

}  // namespace
}  // namespace tocsin
