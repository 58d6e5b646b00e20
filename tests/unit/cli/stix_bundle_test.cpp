// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "cli/stix_bundle.hpp"

#include <map>
#include <regex>

#include "extract/extract.hpp"
#include "indicators/normalise.hpp"
#include "support/test.hpp"
#include "unit/indicators/index_fixture.hpp"

using namespace tocsin;
using nlohmann::json;
using tocsin::cli::stix_pattern;
using tocsin::cli::StixBundle;

namespace {

constexpr WallNs kExported = 1'700'000'000 * kNsPerSecond;

json row(const std::string& type, const std::string& value) {
  return {{"type", type},
          {"value", value},
          {"set", "s"},
          {"severity", "high"},
          {"confidence", 80},
          {"campaign", "Campaign"},
          {"tlp", "amber"},
          {"added", 1.6e9},
          {"expires", 1.9e9},
          {"note", "a note"},
          {"source", "https://x.example/report"}};
}

std::string bundle_of(const std::vector<json>& rows) {
  std::string text;
  StixBundle bundle(kExported, [&](std::string_view piece) { text += piece; });
  for (const auto& r : rows) bundle.add(r);
  bundle.finish();
  return text;
}

const std::vector<json> kRows = {
    row("sha256", "cc307cfb401d1ae616445e78b610ab72e1c7fb49b298ea003dd26ea80372089a"),
    row("sha1", "da39a3ee5e6b4b0d3255bfef95601890afd80700"),
    row("md5", "d41d8cd98f00b204e9800998ecf84200"),
    row("domain", "evil-one.example.net"),
    row("ip", "198.51.100.7"),
    row("ip", "2001:db8:1::7"),
    row("cidr", "203.0.113.0/24"),
    row("url", "http://evil-two.example.net/a'b\\c"),
};

}  // namespace

TEST_CASE("a bundle keeps the rules of STIX 2.1", "[stix]") {
  const auto bundle = json::parse(bundle_of(kRows));
  CHECK(bundle.at("type") == "bundle");
  static const std::regex kId(
      "[a-z-]+--[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
  static const std::regex kTime("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z");
  std::map<std::string, std::string> types;  // by id
  CHECK(std::regex_match(bundle.at("id").get<std::string>(), kId));
  for (const auto& object : bundle.at("objects")) {
    INFO(object.dump());
    const auto id = object.at("id").get<std::string>();
    CHECK(std::regex_match(id, kId));
    CHECK(id.starts_with(object.at("type").get<std::string>() + "--"));
    CHECK(types.emplace(id, object.at("type")).second);
    CHECK(object.at("spec_version") == "2.1");
    CHECK(std::regex_match(object.at("created").get<std::string>(), kTime));
  }
  std::size_t indicators = 0;
  for (const auto& object : bundle.at("objects")) {
    for (const auto* reference : {"created_by_ref", "source_ref", "target_ref"})
      if (object.contains(reference)) CHECK(types.contains(object.at(reference)));
    if (object.at("type") != "indicator") continue;
    ++indicators;
    CHECK(object.at("valid_until") > object.at("valid_from"));
    CHECK(object.at("pattern_type") == "stix");
    CHECK(types.at(object.at("object_marking_refs").at(0)) == "marking-definition");
    CHECK(object.at("confidence") == 80);
  }
  CHECK(indicators == kRows.size());
}

TEST_CASE("the same indicator keeps its identifier", "[stix]") {
  CHECK(bundle_of(kRows) == bundle_of(kRows));
  const auto id = [](const json& r) {
    const auto bundle = json::parse(bundle_of(std::vector<json>(1, r)));
    for (const auto& object : bundle.at("objects"))
      if (object.at("type") == "indicator") return object.at("id").get<std::string>();
    return std::string();
  };
  auto changed = kRows[3];
  changed["note"] = "another";
  CHECK(id(changed) == id(kRows[3]));
  changed["set"] = "other";
  CHECK(id(changed) != id(kRows[3]));
}

TEST_CASE("patterns escape what they have to", "[stix]") {
  CHECK(stix_pattern("url", "http://x/a'b\\c") == "[url:value = 'http://x/a\\'b\\\\c']");
  CHECK(stix_pattern("cidr", "2001:db8::/32") == "[ipv6-addr:value ISSUBSET '2001:db8::/32']");
  CHECK(stix_pattern("path", "/tmp/x") ==
        "[file:name = 'x' AND file:parent_directory_ref.path = '/tmp']");
}

TEST_CASE("times that contradict each other leave valid_until out", "[stix]") {
  auto early = kRows[3];
  early["expires"] = 1.5e9;
  const auto text = bundle_of(std::vector<json>(1, early));
  CHECK(text.find("valid_until") == std::string::npos);
  CHECK(json::parse(bundle_of({})).at("objects").size() == 1);  // no rows is a bundle, too
}

TEST_CASE("what is exported is extracted again, value for value", "[stix]") {
  const std::vector<json> rows = {
      kRows[0],
      kRows[1],
      kRows[2],
      row("domain", "journalide-check.org"),
      row("ip", "45.76.7.9"),
      row("ip", "2a01:4f8:1:2::7"),
      row("cidr", "45.77.8.0/24"),
      row("url", "http://journalide-check.org/a?b=c"),
  };
  const auto text = bundle_of(rows);
  ExtractOptions options;
  options.file_name = "bundle.json";
  options.guard = &test::guard();
  options.now_ns = kExported;
  const auto extraction = extract(text, options);
  REQUIRE(extraction);
  CHECK(extraction->facts.format == DocumentFormat::kStix);
  std::map<std::string, const Candidate*> found;
  for (const auto& candidate : extraction->candidates) {
    INFO(candidate.value << " " << candidate.detail);
    CHECK(candidate.state == CandidateState::kAccept);
    found[std::string(to_string(candidate.type)) + "," + candidate.value] = &candidate;
  }
  CHECK(found.size() == rows.size());
  for (const auto& r : rows) {
    const auto type = parse_indicator_type(r.at("type").get<std::string>());
    const auto value = normalise_value(*type, r.at("value").get<std::string>()).value();
    INFO(value);
    const auto it = found.find(r.at("type").get<std::string>() + "," + value);
    REQUIRE(it != found.end());
    CHECK(it->second->facts.confidence == 80);
    CHECK(it->second->facts.tlp == "amber");
    CHECK(it->second->facts.valid_until_ns == 1'900'000'000 * kNsPerSecond);
  }
}
