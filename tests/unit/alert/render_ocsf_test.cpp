// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "alert/render_ocsf.hpp"

#include <cstdlib>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <vector>

#include <nlohmann/json.hpp>

#include "support/alert_fixture.hpp"
#include "support/temp_dir.hpp"
#include "support/test.hpp"

namespace tocsin {
namespace {

using nlohmann::json;

const std::string kFolder = std::string(TOCSIN_SOURCE_DIR) + "/tests/unit/alert/";

struct Attribute {
  bool required = false, array = false;
  std::string type;
  std::set<int> numbers;  // of an enumeration; empty: none
};

struct Schema {
  std::map<std::string, std::map<std::string, Attribute>> objects;
  std::map<std::string, std::vector<std::string>> least;  // one of these must be there
};

Schema read_schema() {
  Schema out;
  std::ifstream in(kFolder + "ocsf_schema.txt");
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with('#')) continue;
    std::istringstream words(line);
    std::string object, attribute, requirement, numbers;
    Attribute facts;
    words >> object >> attribute;
    if (attribute == "@least") {
      for (std::string name; words >> name;) out.least[object].push_back(name);
      continue;
    }
    words >> requirement >> facts.type >> numbers;
    facts.required = requirement == "required";
    facts.array = facts.type.ends_with("[]");
    if (facts.array) facts.type.resize(facts.type.size() - 2);
    std::istringstream list(numbers);
    for (std::string number; std::getline(list, number, ',');)
      facts.numbers.insert(std::stoi(number));
    out.objects[object][attribute] = facts;
  }
  return out;
}

// Says what of a finding the schema does not allow.
class Judge {
 public:
  explicit Judge(const Schema& schema) : schema_(schema) {}

  std::vector<std::string> judge(const json& finding) {
    bad_.clear();
    object(finding, "detection_finding", "");
    return bad_;
  }

 private:
  void object(const json& value, const std::string& type, const std::string& at) {
    if (!value.is_object()) return bad_.push_back(at + " is no object");
    const auto& attributes = schema_.objects.at(type);
    for (const auto& [name, facts] : attributes)
      if (facts.required && !value.contains(name)) bad_.push_back(at + "." + name + " is missing");
    if (const auto least = schema_.least.find(type); least != schema_.least.end()) {
      bool one = false;
      for (const auto& name : least->second) one = one || value.contains(name);
      if (!one) bad_.push_back(at + " has none of what a " + type + " needs");
    }
    for (const auto& [name, member] : value.items()) {
      const auto known = attributes.find(name);
      const auto place = at + "." + name;
      if (known == attributes.end()) {
        bad_.push_back(place + " is not in the schema");
      } else if (known->second.array != member.is_array()) {
        bad_.push_back(place + (member.is_array() ? " is an array" : " is no array"));
      } else if (member.is_array()) {
        if (member.empty()) bad_.push_back(place + " is empty");
        for (const auto& entry : member) one(entry, known->second, place);
      } else {
        one(member, known->second, place);
      }
    }
  }

  void one(const json& value, const Attribute& facts, const std::string& at) {
    if (facts.type == "object") return;  // anything
    if (schema_.objects.contains(facts.type)) return object(value, facts.type, at);
    const auto& type = facts.type;
    const bool whole = type == "integer_t" || type == "long_t" || type == "port_t";
    const bool fits = whole                   ? value.is_number_integer()
                      : type == "timestamp_t" ? value.is_number_integer() && in_milliseconds(value)
                      : type == "boolean_t"   ? value.is_boolean()
                      : type == "ip_t"        ? value.is_string() &&
                                             IpAddress::parse(value.get<std::string>()).has_value()
                                       : value.is_string() && value != "";
    if (!fits) bad_.push_back(at + " is no " + type + ": " + value.dump());
    if (fits && !facts.numbers.empty() && !facts.numbers.contains(value.get<int>()))
      bad_.push_back(at + " is not one of its numbers: " + value.dump());
  }

  // From 2001 to 2286: neither seconds nor nanoseconds.
  static bool in_milliseconds(const json& value) {
    const auto time = value.get<std::int64_t>();
    return time > 1'000'000'000'000 && time < 10'000'000'000'000;
  }

  const Schema& schema_;
  std::vector<std::string> bad_;
};

json rendered(const Alert& alert) {
  return json::parse(render_ocsf(alert, test::sample_origin(), 5));
}

TEST_CASE("every kind of alert equals its golden finding", "[alert][ocsf]") {
  const bool update = std::getenv("TOCSIN_UPDATE_GOLDEN") != nullptr;
  for (const AlertKindFacts& facts : all_alert_kinds()) {
    const std::string path = kFolder + "golden/" + std::string(facts.code) + ".ocsf.json";
    const json now = rendered(test::sample_alert(facts.kind));
    if (update) std::ofstream(path) << now.dump(2) << "\n";
    INFO(path << "\n" << now.dump(2));
    const json golden = json::parse(test::read_text(path), nullptr, false);
    REQUIRE_FALSE(golden.is_discarded());
    CHECK(json::diff(golden, now) == json::array());
  }
}

TEST_CASE("findings hold to OCSF 1.7: names, types, numbers, what is required", "[alert][ocsf]") {
  const Schema schema = read_schema();
  REQUIRE(schema.objects.size() > 15);
  Judge judge(schema);
  for (const AlertKindFacts& facts : all_alert_kinds()) {
    INFO(facts.code);
    Alert alert = test::sample_alert(facts.kind);
    CHECK(judge.judge(rendered(alert)) == std::vector<std::string>{});
    // Everything that only sometimes stands there.
    alert.repeats = 3;
    alert.response = ResponseFacts{};
    alert.retro.emplace();
    alert.retro->first_ns = alert.retro->last_ns = test::kEventTime;
    CHECK(judge.judge(rendered(alert)) == std::vector<std::string>{});
  }
}

TEST_CASE("the judge of findings sees what is wrong", "[alert][ocsf]") {
  const Schema schema = read_schema();
  Judge judge(schema);
  const json good = rendered(test::sample_alert(AlertKind::kConnectName));
  REQUIRE(judge.judge(good).empty());
  const auto spoilt = [&](const char* pointer, const json& value) {
    json bad = good;
    bad[json::json_pointer(pointer)] = value;
    return judge.judge(bad).size();
  };
  CHECK(spoilt("/severity_id", 7) == 1);
  CHECK(spoilt("/time", 1'764'072'000) == 1);  // seconds
  CHECK(spoilt("/invented", 1) == 1);
  CHECK(spoilt("/evidences", json::object()) == 1);
  CHECK(spoilt("/evidences/0/dst_endpoint/ip", "here") == 1);
  CHECK(spoilt("/metadata", json::object()) == 2);  // version, product
  CHECK(spoilt("/class_uid", "2004") == 1);
}

TEST_CASE("what is unknown is left out of a finding", "[alert][ocsf]") {
  Alert alert;
  alert.kind = AlertKind::kConnectIp;
  alert.time_ns = test::kEventTime;
  alert.id = "01KAXYZ0000000000000000000";
  alert.lineage.resize(1);
  alert.connect.emplace();
  const json out = rendered(alert);
  const Schema schema = read_schema();
  CHECK(Judge(schema).judge(out) == std::vector<std::string>{});
  CHECK_FALSE(out.contains("osint"));
  CHECK_FALSE(out.contains("confidence_id"));
  CHECK_FALSE(out["evidences"][0].contains("process"));
  CHECK_FALSE(out["evidences"][0]["connection_info"].contains("community_uid"));
}

}  // namespace
}  // namespace tocsin
