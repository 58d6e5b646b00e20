// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "alert/render_json.hpp"

#include <cstdlib>
#include <fstream>
#include <map>
#include <random>
#include <regex>
#include <set>
#include <sstream>

#include <nlohmann/json.hpp>

#include "support/alert_fixture.hpp"
#include "support/temp_dir.hpp"
#include "support/test.hpp"

namespace tocsin {
namespace {

using nlohmann::json;

const std::string kFolder = std::string(TOCSIN_SOURCE_DIR) + "/tests/unit/alert/";

json rendered(const Alert& alert) {
  return json::parse(render_json(alert, test::sample_origin(), 5));
}

struct EcsField {
  std::string type;
  bool array = false;  // ECS wants one here, and only here
};
using EcsFields = std::map<std::string, EcsField>;

EcsFields ecs_fields() {
  EcsFields fields;
  std::ifstream in(kFolder + "ecs_fields.txt");
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with('#')) continue;
    std::istringstream words(line);
    std::string name, array;
    EcsField field;
    words >> name >> field.type >> array;
    field.array = array == "array";
    fields[name] = field;
  }
  return fields;
}

// What Elasticsearch takes for a date: as format_time_utc() writes it.
bool is_date(const std::string& text) {
  static const std::regex kDate(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z)");
  return std::regex_match(text, kDate);
}

bool fits(const json& value, const EcsField& field) {
  if (value.is_array()) {
    for (const auto& entry : value)
      if (!fits(entry, {field.type})) return false;
    return field.array && !value.empty();
  }
  if (field.array) return false;
  const auto& type = field.type;
  if (type == "long") return value.is_number_integer();
  if (type == "float") return value.is_number();
  if (type == "boolean") return value.is_boolean();
  if (type == "object" || type == "nested") return value.is_object();
  const auto text = value.is_string() ? value.get<std::string>() : std::string();
  if (type == "ip") return IpAddress::parse(text).has_value();
  if (type == "date") return is_date(text);
  return !text.empty();  // keyword, wildcard, match_only_text
}

// Walks an object and says which members ECS 8.17 has no such name or type for.
void check_names(const json& value, const std::string& name, const EcsFields& fields,
                 std::vector<std::string>& bad) {
  const auto field = fields.find(name);
  const bool plain_object = value.is_object();
  const bool objects = value.is_array() && !value.empty() && value[0].is_object();
  if (name == "labels") return;  // free names, one level
  if (plain_object) {
    for (const auto& [key, member] : value.items())
      check_names(member, name.empty() ? key : name + "." + key, fields, bad);
  } else if (objects) {
    if (field == fields.end() || field->second.type != "nested")
      bad.push_back(name + " is no list");
    for (const auto& entry : value)
      for (const auto& [key, member] : entry.items())
        check_names(member, name + "." + key, fields, bad);
  } else if (field == fields.end()) {
    bad.push_back(name);
  } else if (!fits(value, field->second)) {
    bad.push_back(name + " is not " + field->second.type + ": " + value.dump());
  }
}

TEST_CASE("every kind of alert equals its golden file", "[alert][json]") {
  const bool update = std::getenv("TOCSIN_UPDATE_GOLDEN") != nullptr;
  for (const AlertKindFacts& facts : all_alert_kinds()) {
    const std::string path = kFolder + "golden/" + std::string(facts.code) + ".json";
    const json now = rendered(test::sample_alert(facts.kind));
    if (update) std::ofstream(path) << now.dump(2) << "\n";
    INFO(path << "\n" << now.dump(2));
    const json golden = json::parse(test::read_text(path), nullptr, false);
    REQUIRE_FALSE(golden.is_discarded());
    CHECK(json::diff(golden, now) == json::array());
  }
}

TEST_CASE("all names outside tocsin are those of ECS 8.17, with its types", "[alert][json]") {
  const auto fields = ecs_fields();
  REQUIRE(fields.size() > 150);
  for (const AlertKindFacts& facts : all_alert_kinds()) {
    json alert = rendered(test::sample_alert(facts.kind));
    REQUIRE(alert.contains("tocsin"));
    alert.erase("tocsin");
    std::vector<std::string> bad;
    check_names(alert, "", fields, bad);
    INFO(facts.code);
    CHECK(bad == std::vector<std::string>{});
  }
}

TEST_CASE("the check of ECS names sees what is wrong", "[alert][json]") {
  const auto faults = [](const json& alert) {
    std::vector<std::string> bad;
    check_names(alert, "", ecs_fields(), bad);
    return bad;
  };
  CHECK(faults({{"process", {{"pid", 7}}}, {"event", {{"category", {"host"}}}}}).empty());
  CHECK(faults({{"process", {{"pids", 7}}}}).size() == 1);
  CHECK(faults({{"process", {{"pid", "7"}}}}).size() == 1);
  CHECK(faults({{"event", {{"category", "host"}}}}).size() == 1);    // wants an array
  CHECK(faults({{"process", {{"name", {"a", "b"}}}}}).size() == 1);  // wants none
  CHECK(faults({{"destination", {{"ip", "evil.example"}}}}).size() == 1);
  CHECK(faults({{"@timestamp", "yesterday"}}).size() == 1);
}

// schemas/event.yml of ECS 8.17: which types each category expects.
TEST_CASE("categories and types are pairs that ECS allows", "[alert][json]") {
  const std::map<std::string, std::set<std::string>> expected = {
      {"malware", {"info"}},
      {"process", {"access", "change", "end", "info", "start"}},
      {"library", {"start"}},
      {"host", {"access", "change", "end", "info", "start"}},
      {"intrusion_detection", {"allowed", "denied", "info"}},
      {"network",
       {"access", "allowed", "connection", "denied", "end", "info", "protocol", "start"}}};
  std::set<std::string> codes, actions;
  for (const AlertKindFacts& facts : all_alert_kinds()) {
    INFO(facts.code);
    for (const auto type : facts.types) {
      bool allowed = false;
      for (const auto category : facts.categories)
        allowed = allowed || expected.at(std::string(category)).contains(std::string(type));
      CHECK(allowed);
    }
    CHECK(codes.insert(std::string(facts.code)).second);
    CHECK(actions.insert(std::string(facts.action)).second);
  }
}

TEST_CASE("what is unknown is left out", "[alert][json]") {
  Alert alert;
  alert.kind = AlertKind::kConnectIp;
  alert.lineage.resize(1);
  alert.connect.emplace();
  const json out = rendered(alert);
  CHECK_FALSE(out.contains("threat"));
  CHECK_FALSE(out.contains("user"));
  CHECK_FALSE(out.contains("container"));
  CHECK(out["process"] == json::object());
  CHECK_FALSE(out["destination"].contains("port"));
  CHECK_FALSE(out["network"].contains("transport"));
  CHECK_FALSE(out["tocsin"]["loss"].contains("since"));
  CHECK_FALSE(out["tocsin"].contains("login_uid"));
  CHECK(out["tocsin"]["hash"] == json::object());
}

TEST_CASE("a script's alert is about the script", "[alert][json]") {
  Alert alert = test::sample_alert(AlertKind::kExecHash);
  ProcessFacts& subject = alert.lineage[0];
  subject.path = "/usr/bin/dash";
  subject.script = "/tmp/x.sh";
  subject.script_hash = test::sample_hash(0xcd, HashRung::kScriptPath);
  const std::string digest = subject.script_hash.digests->sha256.hex();
  alert.matches[0].matched = alert.matches[0].indicator.value = digest;
  const json out = rendered(alert);
  CHECK(out["file"]["path"] == "/tmp/x.sh");
  CHECK(out["file"]["hash"]["sha256"] == digest);
  CHECK(out["process"]["executable"] == "/usr/bin/dash");
  CHECK(out["tocsin"]["script"]["sha256"] == digest);
  CHECK(out["tocsin"]["script"]["hash"]["rung"] == "script-path");
  CHECK(out["related"]["hash"].size() == 2);
  CHECK(out["message"].get<std::string>().starts_with("/tmp/x.sh (pid 977"));
}

TEST_CASE("long arguments of ancestors are cut and say so", "[alert][json]") {
  Alert alert = test::sample_alert(AlertKind::kExecHash);
  alert.lineage[0].argv.assign(1, std::string(30'000, 'a'));
  alert.lineage[0].argv_cut = true;
  alert.lineage[1].argv = {"bash", std::string(30'000, 'b')};
  const json out = rendered(alert);
  CHECK(out["process"]["args"][0].get<std::string>().size() == 30'000);
  CHECK_FALSE(out["process"].contains("args_count"));
  CHECK(out["tocsin"]["args_cut"] == true);
  CHECK(out["tocsin"]["lineage"][1]["args"] == json::array({"bash"}));
  CHECK(out["tocsin"]["lineage"][1]["args_cut"] == true);
}

// Paths, arguments and names are the attacker's: any bytes must give one valid line.
TEST_CASE("hostile bytes anywhere give one valid line", "[alert][json]") {
  std::mt19937_64 random(7);
  const auto bytes = [&] {
    std::string out(random() % 40, '\0');
    for (char& c : out) c = static_cast<char>(random() & 0xff);
    return out;
  };
  for (int round = 0; round < 500; ++round) {
    const auto kinds = all_alert_kinds();
    Alert alert = test::sample_alert(kinds[random() % kinds.size()].kind);
    alert.message = random() % 2 == 0 ? bytes() : "";
    alert.weak_because = bytes();
    for (auto& process : alert.lineage) {
      process.path = bytes();
      process.argv = {bytes(), bytes()};
      process.cwd = bytes();
      process.tty = bytes();
      process.user = bytes();
      process.login_user = bytes();
      process.container_id = bytes();
      process.script = bytes();
      process.hash.detail = bytes();
    }
    for (auto& match : alert.matches) match.indicator.note = match.matched = bytes();
    if (alert.container) alert.container->name = alert.container->image = bytes();
    if (alert.session) alert.session->through = {bytes()};
    const std::string line = render_json(alert, test::sample_origin(), 1);
    INFO(line);
    REQUIRE_FALSE(json::parse(line, nullptr, false).is_discarded());
    REQUIRE(line.find('\n') == std::string::npos);
  }
}

}  // namespace
}  // namespace tocsin
