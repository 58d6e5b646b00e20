// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include <filesystem>
#include <fstream>

#include <nlohmann/json.hpp>

#include "daemon/replay.hpp"
#include "support/test.hpp"

using namespace tocsin;
using Json = nlohmann::json;
namespace fs = std::filesystem;

namespace {

// Every member that expected names is in actual with that value; arrays match element by element.
bool contains(const Json& actual, const Json& expected) {
  if (expected.is_object()) {
    if (!actual.is_object()) return false;
    for (const auto& [key, value] : expected.items())
      if (!actual.contains(key) || !contains(actual[key], value)) return false;
    return true;
  }
  if (expected.is_array()) {
    if (!actual.is_array() || actual.size() < expected.size()) return false;
    for (std::size_t i = 0; i < expected.size(); ++i)
      if (!contains(actual[i], expected[i])) return false;
    return true;
  }
  return actual == expected;
}

std::vector<Json> read_lines(const fs::path& path) {
  std::vector<Json> out;
  std::ifstream in(path);
  REQUIRE(in);
  for (std::string line; std::getline(in, line);)
    if (!line.empty()) out.push_back(Json::parse(line));
  return out;
}

std::vector<Json> replay(const fs::path& folder) {
  std::vector<Json> alerts;
  ReplayOptions options;
  options.file =
      fs::exists(folder / "events.rec") ? folder / "events.rec" : folder / "events.jsonl";
  options.indicators = {folder / "indicators.ioc"};
  options.json = true;
  options.out = [&](const std::string& line) { alerts.push_back(Json::parse(line)); };
  options.complain = [](const std::string& text) { FAIL_CHECK(text); };
  const auto report = run_replay(options);
  if (!report) FAIL(report.error().message);
  CHECK(report->alerts == alerts.size());
  return alerts;
}

}  // namespace

TEST_CASE("each scenario raises exactly the alerts it expects") {
  std::size_t scenarios = 0;
  for (const auto& entry : fs::directory_iterator(fs::path(TOCSIN_SOURCE_DIR) / "tests/scenario")) {
    if (!entry.is_directory()) continue;
    ++scenarios;
    INFO(entry.path().string());
    const auto expected = read_lines(entry.path() / "expected.jsonl");
    const auto alerts = replay(entry.path());
    REQUIRE(alerts.size() == expected.size());
    for (std::size_t i = 0; i < alerts.size(); ++i) {
      INFO("alert " << alerts[i].dump(2));
      INFO("expected " << expected[i].dump(2));
      CHECK(contains(alerts[i], expected[i]));
    }
    // The same file gives the same answer, identifiers included.
    CHECK(replay(entry.path()).size() == alerts.size());
  }
  CHECK(scenarios > 0);
}
