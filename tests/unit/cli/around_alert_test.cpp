// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// What the history is asked about an alert, and about a row of beacons.
#include "cli/around_alert.hpp"

#include "cli/alert_view.hpp"
#include "history/contact_days.hpp"
#include "support/alert_fixture.hpp"
#include "support/report_fixture.hpp"
#include "support/test.hpp"
#include "top/feed.hpp"

using namespace tocsin;
using namespace tocsin::test;
using nlohmann::json;

namespace {

json question_about(const json& alert) {
  const auto question = cli::contacts_question(alert);
  REQUIRE(question);
  return *question;
}

}  // namespace

TEST_CASE("of rotating destinations all contacts of the program are asked for", "[cli]") {
  auto material = beacon_material();
  CHECK(question_about(material.alert)["destination"] == "c2.example");
  auto& beacon = material.alert["tocsin"]["beacon"];
  beacon["destination"] = "*rare*";
  beacon["port"] = 0;
  auto question = question_about(material.alert);
  CHECK(question["destination"] == std::string(kAnyDestination));
  CHECK(question["dns"] == false);
  CHECK_FALSE(question["destination"] == "");

  // Their distances were not weighed: the explanation tells those that were.
  const auto told = [&] {
    std::string text;
    for (const auto& line : cli::explanation(material, cli::Output(false))) text += line + "\n";
    return text;
  };
  beacon["intervals"] = {61, 62, 63};
  CHECK(told().find("the last 3: 61 s, 62 s, 63 s") != std::string::npos);
  CHECK(told().find("; median") == std::string::npos);
  beacon["destination"] = "c2.example";
  CHECK(told().find("; median") != std::string::npos);
}

TEST_CASE("the history is asked what it lacks of the alert's own time", "[cli]") {
  auto material = beacon_material();
  const auto raised = material.alert["tocsin"]["time"].get<double>();
  const auto first = material.alert["tocsin"]["beacon"]["first"].get<double>();
  REQUIRE(first < raised);
  auto question = question_about(material.alert);
  CHECK(question["about_since"] == first);
  CHECK(question["about_until"] == raised);
  CHECK_FALSE(question.contains("since"));  // all contacts are drawn
  question =
      question_about(json::parse(sample_rendered(sample_alert(AlertKind::kConnectIp))->json));
  CHECK(question["about_since"] == question["about_until"]);
  for (const auto& odd : {json("x"), json(-1), json(1e300), json(nullptr)}) {
    material.alert["tocsin"]["time"] = odd;
    CHECK_FALSE(question_about(material.alert).contains("about_since"));
  }
}

TEST_CASE("a row of a container is asked about that container only", "[top]") {
  auto row = beacon_material().alert["tocsin"]["beacon"];
  CHECK(top::contacts_of(row)["container"] == "");  // the host, not anywhere
  row["container"] = std::string(64, 'c');
  CHECK(top::contacts_of(row)["container"] == std::string(64, 'c'));
  row["destination"] = "*rare*";
  CHECK(top::contacts_of(row).is_null());
}
