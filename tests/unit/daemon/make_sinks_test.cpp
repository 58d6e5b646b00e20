// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "daemon/make_sinks.hpp"

#include <string>

#include <nlohmann/json.hpp>

#include "daemon/alert_desk.hpp"
#include "support/alert_fixture.hpp"
#include "support/temp_dir.hpp"
#include "support/test.hpp"

namespace tocsin {
namespace {

// What stands in the alert file when an alert went the whole way from the desk.
nlohmann::json written(FileFormat format) {
  const test::TempDir dir;
  Config::Sinks config;
  config.journald = false;
  config.file.path = dir.file("alerts.jsonl");
  config.file.format = format;
  const auto sinks = make_sinks(config);
  VirtualClock clock;
  AlertDesk desk({.clock = clock,
                  .sinks = sinks.get(),
                  .origin = test::sample_origin(),
                  .human = {},
                  .fold = {.window_ns = 0},
                  .on_reported = [](const RenderedAlert& alert) {
                    CHECK(nlohmann::json::parse(alert.json).contains("ecs"));  // for all others
                  }});
  desk.add(test::sample_alert(AlertKind::kExecHash));
  REQUIRE(sinks->stop(std::chrono::seconds(10)));
  return nlohmann::json::parse(test::read_text(config.file.path));
}

TEST_CASE("the alert file has the form that was asked for", "[sink]") {
  const auto ecs = written(FileFormat::kEcs);
  CHECK(ecs["ecs"]["version"] == "8.17.0");
  CHECK_FALSE(ecs.contains("class_uid"));
  const auto ocsf = written(FileFormat::kOcsf);
  CHECK(ocsf["class_uid"] == 2004);
  CHECK(ocsf["metadata"]["version"] == "1.7.0");
  CHECK(ocsf["metadata"]["uid"] == ecs["event"]["id"]);
  CHECK_FALSE(ocsf.contains("ecs"));
}

}  // namespace
}  // namespace tocsin
