// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// Pages are read back by an HTML parser that is not ours.
#include "report/page.hpp"

#include <functional>

#include "report/html.hpp"
#include "support/alert_fixture.hpp"
#include "support/html_reader.hpp"
#include "support/report_fixture.hpp"
#include "support/test.hpp"

using namespace tocsin;
using namespace tocsin::report;
using namespace tocsin::test;
using nlohmann::json;

namespace {

const PageFacts kFacts{.version = "1.2.3", .source = "a test"};

// Every text in the tree becomes the hostile one.
void spoil(json& value, const std::string& hostile) {
  if (value.is_string()) value = hostile;
  if (value.is_structured())
    for (auto& element : value) spoil(element, hostile);
}

bool says(const ReadPage& page, std::string_view text) {
  return page.text.find(text) != std::string::npos;
}

}  // namespace

TEST_CASE("a page holds the whole story and nothing that acts", "[report]") {
  const auto page = read_html(alert_page(beacon_material(), kFacts));
  CHECK(page.trouble.empty());
  CHECK(page.elements.at("svg") >= 4);
  CHECK(page.elements.at("figure") == 4);
  CHECK(page.policy.starts_with("default-src 'none'; style-src 'sha256-"));
  for (const auto* part : {"Verdict",
                           "/opt/3cx/app calls c2[.]example:443 every 5 min ± 8 %",
                           "alice",
                           "Time line",
                           "The program was changed",
                           "First contact",
                           "days later",
                           "From the login or service",
                           "sshd",
                           "The calls",
                           "Distance of two contacts",
                           "median",
                           "Contacts per hour",
                           "Bytes sent in each contact",
                           "no package owns the file",
                           "Around it",
                           "/usr/bin/curl",
                           "updates[.]example",
                           "What the sensor could not see",
                           "Nobody watched during 1 gap",
                           "What to do next",
                           "tocsin hunt 'c2[.]example'"}) {
    INFO(part);
    CHECK(says(page, part));
  }
  CHECK_FALSE(says(page, "c2.example"));
  CHECK(page.bytes < limits::kReportBytesMax / 3);
}

TEST_CASE("each drawing has a name and a description", "[report]") {
  const auto page = read_html(alert_page(beacon_material(), kFacts));
  CHECK(page.named_images == 4);
  CHECK(page.unnamed_images == 0);
}

TEST_CASE("every kind of alert has a page, and so has hindsight", "[report]") {
  for (const auto& facts : all_alert_kinds()) {
    const Material material{json::parse(sample_rendered(sample_alert(facts.kind))->json), nullptr,
                            1'764'080'000};
    const auto page = read_html(alert_page(material, kFacts));
    INFO(facts.code);
    CHECK(page.trouble.empty());
    CHECK(says(page, "Verdict"));
    CHECK(says(page, "Made by tocsin 1.2.3"));
  }
}

TEST_CASE("hostile texts stay texts", "[report]") {
  const std::string hostile =
      "\"'><script>alert(1)</script><img src=x onerror=alert(1)></style></svg>&lt;\x1b[2J\n\r\t"
      "\xe2\x80\xae"
      "evil\xff<!--]]>";
  auto material = beacon_material();
  spoil(material.alert, hostile);
  spoil(material.around, hostile);
  const auto page = read_html(alert_page(material, {hostile, hostile}));
  CHECK(page.trouble.empty());
  CHECK(says(page, "<script>alert(1)</script>"));
  CHECK(says(page, "\\x1b[2J\\x0a\\x0d\\x09\\u{202e}evil\\xff"));

  Period period{.alerts = {material.alert, json::object()},
                .beacons = {material.alert["tocsin"]["beacon"]},
                .coverage = material.around["coverage"]};
  CHECK(read_html(period_page(period, {hostile, hostile})).trouble.empty());
}

TEST_CASE("a page of a period counts and sorts", "[report]") {
  Period period{.since_s = 1'764'000'000, .now_s = 1'764'080'000};
  CHECK(says(read_html(period_page(period, kFacts)), "Nothing was raised"));
  for (const auto& facts : all_alert_kinds())
    period.alerts.push_back(json::parse(sample_rendered(sample_alert(facts.kind))->json));
  period.coverage = json::object();
  const auto page = read_html(period_page(period, kFacts));
  CHECK(page.trouble.empty());
  CHECK(says(page, std::to_string(period.alerts.size()) + " alerts"));
  CHECK(says(page, "01KAXYZ0000000000000000000"));
}

TEST_CASE("a page has a bound, whatever it is made of", "[report]") {
  const std::string longest(3'000, '"');
  auto material = beacon_material();
  json many = json::array();
  for (int i = 0; i < 60; ++i) many.push_back({{"path", longest}, {"what", longest}});
  for (const auto* list : {"lineage", "modules", "names", "indicator", "flags"})
    material.alert["tocsin"][list] = many;
  for (auto& process : material.alert["tocsin"]["lineage"])
    process["args"] = {longest, longest, longest};
  for (const auto* list : {"destinations", "programs", "versions"}) material.around[list] = many;
  spoil(material.alert, longest);
  const auto page = alert_page(material, {longest, longest});
  CHECK(page.size() < limits::kReportBytesMax);
  CHECK(read_html(page).trouble.empty());

  auto small = beacon_material();
  spoil(small.alert, longest);
  Period period{.alerts = std::vector<json>(500, small.alert),
                .beacons = std::vector<json>(500, small.alert["tocsin"]["beacon"]),
                .coverage = small.around["coverage"]};
  const auto all = period_page(period, {longest, longest});
  CHECK(all.size() < limits::kReportBytesMax);
  CHECK(read_html(all).trouble.empty());
}

TEST_CASE("escaped text comes back as it went in, made visible", "[report]") {
  for (const auto* text :
       {"a<b>&\"'c", "&amp;&#39;", "</p><p>", "]]>", "x\ty", "\xf0\x9f\x92\x80"}) {
    Html html;
    html.open("html").open("body").leaf("p", {{"title", text}}, text).close().close();
    const auto page = read_html(html.take());
    INFO(text);
    CHECK(page.elements.at("p") == 1);
    CHECK(says(page, printable(text)));
    CHECK(page.titles == std::vector<std::string>{printable(text)});
  }
  CHECK(defanged("c2.example") == "c2[.]example");
}
