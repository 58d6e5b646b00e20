// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "cli/hunt_view.hpp"

#include <string>

#include "support/test.hpp"

using namespace tocsin;
using nlohmann::json;

namespace {

const cli::Output kOut(false);

std::string joined(const std::vector<std::string>& lines) {
  std::string out;
  for (const auto& line : lines) out += line + "\n";
  return out;
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

// As it comes over the socket, where numbers have no sign.
json received(const json& answer) {
  return json::parse(answer.dump());
}

json coverage() {
  return {
      {"from", 1795000000.0},
      {"to", 1795864000.0},
      {"runs", 2},
      {"watched_s", 432000.0},
      {"gaps",
       {{"count", 2},
        {"seconds", 7200.0},
        {"longest",
         json::array({{{"from", 1795003600.0}, {"to", 1795007200.0}, {"begin_unknown", true}}})}}},
      {"lost", {{"ring/connect", 311}}},
      {"not_hashed", 14},
      {"blind",
       {{"count", 1}, {"periods", {{{"from", 1.0}, {"to", 2.0}, {"what", "dns canary"}}}}}},
      {"hooks_missing", {{"packet", {{"why", "missing: x"}, {"runs", 1}}}}}};
}

}  // namespace

TEST_CASE("the coverage line names everything that is missing", "[cli]") {
  const auto line = cli::coverage_line(received(coverage()));
  INFO(line);
  for (const auto* part :
       {"2 gaps in which nobody watched (2 h 0 min in all; the longest at most from",
        "311 events lost (ring/connect 311)", "14 executions not hashed", "dns canary",
        "names in packets were not seen (no packet hook) in 1 of 2 runs"})
    CHECK(has(line, part));
  const json clean = {{"from", 1.0}, {"to", 2.0}, {"gaps", {{"count", 0}}}};
  CHECK(has(cli::coverage_line(clean), "nothing is known to be missing"));
  auto cut = clean;
  cut["dropped"] = 311;
  CHECK(has(cli::coverage_line(received(cut)), "(311 sightings from before went for room)"));
}

TEST_CASE("silence is grouped by its reason", "[cli]") {
  json answer = {{"asked", 4}, {"coverage", coverage()}, {"misses", json::array()}};
  for (const auto* value : {"a.example", "b.example"})
    answer["misses"].push_back(
        {{"value", value}, {"verdict", "cannot know"}, {"why", "names were not seen"}});
  answer["misses"].push_back(
      {{"value", "c.example"}, {"verdict", "not seen"}, {"last_before", 1794000000.0}});
  const auto text = joined(cli::silence_lines(received(answer)));
  INFO(text);
  CHECK(has(text, "2 of 4 values cannot know: names were not seen (a.example, b.example)"));
  CHECK(has(text, "Not in this period, but before it: c.example"));
  CHECK(has(text, "No sighting of 3 of 4 values between"));
}

TEST_CASE("the noise of a set is counted by the days that were watched", "[cli]") {
  json answer = {{"asked", 2}, {"coverage", coverage()}};
  answer["hits"] = {{{"value", "x"}, {"alerts", {{"least", 5}, {"most", 50}}}},
                    {{"value", "y"}, {"alerts", {{"least", 5}, {"most", 5}}}}};
  const auto estimate = cli::estimate_json(received(answer));
  CHECK(estimate.at("days") == 5.0);
  CHECK(estimate.at("per_day").at("least") == 2.0);
  CHECK(estimate.at("per_day").at("most") == 11.0);
  answer["estimate"] = estimate;
  const auto text = joined(cli::past_lines(received(answer), kOut));
  INFO(text);
  CHECK(has(text, "2 of 2 values would have matched"));
  CHECK(has(text, "about 2.0 to 11.0 alerts a day"));
}

TEST_CASE("answers of unexpected shape and hostile names do no harm", "[cli]") {
  for (const auto* text :
       {"{}", "[]", "7", R"({"hits":7,"misses":{},"coverage":[]})",
        R"({"sightings":[7,null,[],{"first":1,"last":"x","flags":{}}],"occurrences":[3]})",
        R"({"misses":[1,{"verdict":[]}],"coverage":{"lost":[1],"gaps":{"longest":[7]},)"
        R"("hooks_missing":{"x":1},"blind":{"periods":[null]}}})"}) {
    const auto odd = json::parse(text);
    INFO(text);
    CHECK_NOTHROW(cli::hit_lines(odd, kOut));
    CHECK_NOTHROW(cli::hit_line(odd, kOut));
    CHECK_NOTHROW(cli::silence_lines(odd));
    CHECK_NOTHROW(cli::estimate_json(odd));
    CHECK_NOTHROW(cli::past_lines(odd, kOut));
  }
  const json hit = {
      {"value", "a\x1b[2J"},
      {"type", "domain"},
      {"sightings",
       {{{"kind", "name"},
         {"value", "x\nforged"},
         {"running", true},
         {"last", {{"pid", 7}, {"who", {{"path", "/tmp/\x1b]0;t\x07"}, {"user", "eve\r"}}}}}}}}};
  const auto lines = joined(cli::hit_lines(received(hit), kOut));
  INFO(lines);
  CHECK_FALSE(has(lines, "\x1b"));
  CHECK_FALSE(has(lines, "\nforged"));
  CHECK(has(lines, "STILL RUNNING as pid 7"));
}
