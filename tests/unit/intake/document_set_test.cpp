// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "intake/document_set.hpp"

#include <map>

#include "indicators/set_writer.hpp"
#include "intake/list_guards.hpp"
#include "unit/indicators/index_fixture.hpp"

using namespace tocsin;

namespace {

constexpr std::string_view kReport =
    "Indicators of compromise\n\n"
    "evil-one[.]org\n"
    "hxxps://raw[.]githubusercontent[.]com/someone/x/main/a.bin\n"
    "45[.]76[.]7[.]9\n"
    "8[.]8[.]8[.]8\n"
    "See also https://www.crowdstrike.com/blog/report\n";

const Warninglists& shipped() {
  static const auto lists =
      Warninglists::load(std::vector<std::filesystem::path>{TOCSIN_SOURCE_DIR "/iocs/guard"});
  return lists;
}

struct Row {
  IndicatorRow row;
  SetMeta meta;
  bool held = false;
};

// The rows of a native set by value; none may be refused.
std::map<std::string, Row> rows_of(const std::string& text) {
  std::map<std::string, Row> out;
  const auto take = [&](bool held) {
    return [&out, held](const SetMeta& meta, const IndicatorRow& row) -> Result<void> {
      out[value_text(row)] = {row, meta, held};
      return {};
    };
  };
  SetFileReader::Options options;
  options.file_name = "x.ioc";
  options.guard = &test::guard();
  options.review_sink = take(true);
  SetFileReader reader(options, take(false));
  reader.feed(text);
  const auto summary = reader.finish();
  for (const auto& refusal : summary.refusals) INFO(to_string(refusal, "x"));
  REQUIRE(summary.refused == 0);
  return out;
}

intake::SetFacts facts() {
  intake::SetFacts out;
  out.set = "report";
  out.campaign = "Example, \"quoted\"";
  out.source = "https://pub.org/report";
  out.severity = Severity::kCritical;
  out.added_ns = 1'700'000'000 * kNsPerSecond;
  out.expires_ns = 1'800'000'000 * kNsPerSecond;
  return out;
}

}  // namespace

TEST_CASE("a report becomes a set that says where each row stood", "[intake]") {
  const auto set =
      intake::document_set({kReport, "report.txt"}, facts(), {test::guard(), shipped()});
  REQUIRE(set);
  const auto rows = rows_of(set->text);
  REQUIRE(rows.contains("evil-one.org"));
  const auto& one = rows.at("evil-one.org");
  CHECK_FALSE(one.held);
  CHECK(one.meta.set == "report");
  CHECK(one.meta.campaign == "Example, \"quoted\"");
  CHECK(one.row.severity == Severity::kCritical);
  CHECK(one.row.added_ns == facts().added_ns);
  CHECK(one.row.expires_ns == facts().expires_ns);
  CHECK(one.row.note.find("report.txt:3") != std::string::npos);
  CHECK(one.row.note.find("evil-one[.]org") != std::string::npos);
  CHECK(rows.contains("45.76.7.9"));
  CHECK(rows.contains("https://raw.githubusercontent.com/someone/x/main/a.bin"));
  CHECK_FALSE(rows.at("https://raw.githubusercontent.com/someone/x/main/a.bin").row.host_match);
  for (const auto& [value, row] : rows) CHECK(value.find("crowdstrike") == std::string::npos);
  // A public resolver waits for a person, with the reason.
  REQUIRE(rows.contains("8.8.8.8"));
  CHECK(rows.at("8.8.8.8").held);
  CHECK(rows.at("8.8.8.8").row.note.starts_with("held: "));
  CHECK(set->text.find("sha256 ") != std::string::npos);
}

TEST_CASE("what is held is taken when that is asked for", "[intake]") {
  auto all = facts();
  all.accept_review = true;
  const auto set = intake::document_set({kReport, "report.txt"}, all, {test::guard(), shipped()});
  REQUIRE(set);
  CHECK(set->review == 0);
  CHECK_FALSE(rows_of(set->text).at("8.8.8.8").held);
}

TEST_CASE("nothing to take is an error that says what was read", "[intake]") {
  const auto set = intake::document_set({"Only words, and no value at all.\n", "x.txt"}, facts(),
                                        {test::guard(), shipped()});
  CHECK_FALSE(set);
}

TEST_CASE("a native set takes another name and other facts", "[intake]") {
  const auto set = intake::rewrite_native(
      "# set: theirs\n# campaign: Theirs\n# source: them\n# severity: low\n"
      "domain,evil-one.org\ndomain,evil-two.org,review\nnonsense\n"
      "domain,evil-three.org,severity=info,expires=2020-01-01\n",
      facts(), test::guard());
  REQUIRE(set);
  CHECK(set->accepted == 2);
  CHECK(set->review == 1);
  CHECK(set->refused == 1);
  const auto rows = rows_of(set->text);
  CHECK(rows.at("evil-one.org").meta.set == "report");
  CHECK(rows.at("evil-one.org").row.severity == Severity::kCritical);
  CHECK(rows.at("evil-one.org").row.source == "them");
  CHECK(rows.at("evil-two.org").held);
  CHECK(*rows.at("evil-three.org").row.expires_ns < *facts().expires_ns);
  CHECK_FALSE(intake::rewrite_native("# set: x\n", facts(), test::guard()));
}
