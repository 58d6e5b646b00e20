// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// Whose a program is, told as event lines: scripts of packages, files written into containers.
#include "support/event_lines.hpp"
#include "support/test.hpp"

using namespace tocsin;
using test::digest_of;
using test::EventLines;
using Json = nlohmann::json;

namespace {

constexpr double kHour = 3'600;

// A program that calls every ten minutes, long after coverage began.
Json caller(const std::string& path, Json members) {
  EventLines lines;
  lines.exec(0, 1, "/usr/lib/systemd/systemd", {{"package", "systemd"}, {"package_intact", true}});
  members["sha256"] = digest_of("file");
  lines.exec(kHour, 300, path, std::move(members));
  for (int i = 0; i < 30; ++i) lines.connect(kHour + 60 + i * 600, 300, "there.example");
  return lines.replay().beacon("there.example");
}

Json script(Json members) {
  members["path"] = "/usr/share/tool/agent.py";
  members["sha256"] = digest_of("agent.py");
  return {{"package", "python3.11"}, {"package_intact", true}, {"script", std::move(members)}};
}

double image(const Json& beacon) {
  return beacon.at("evidence").at("image").get<double>();
}

bool because(const Json& beacon, const std::string& words) {
  for (const auto& reason : beacon.at("because"))
    if (reason == words) return true;
  return false;
}

}  // namespace

TEST_CASE("a script is its own package's, not its interpreter's") {
  const auto owned =
      caller("/usr/bin/python3.11", script({{"package", "tool"}, {"package_intact", true}}));
  CHECK(owned["subject"]["kind"] == "script");
  CHECK(because(owned, "an unchanged file of the distribution"));
  CHECK(image(owned) == Approx(-1.5));  // new here all the same
  const auto altered =
      caller("/usr/bin/python3.11", script({{"package", "tool"}, {"package_intact", false}}));
  CHECK(image(altered) == Approx(2.0));
  const auto nobodys = caller("/usr/bin/python3.11", script({{"package", ""}}));
  CHECK(because(nobodys, "no package owns the file"));
  // Not said: the interpreter's package is no answer.
  CHECK(image(caller("/usr/bin/python3.11", script(Json::object()))) == Approx(1.0));
}

TEST_CASE("what was written into a container after its start weighs, of a script the script") {
  const auto written =
      caller("/app/agent", {{"container", "c1"}, {"package", ""}, {"image_layer", false}});
  CHECK(because(written, "the file was written after the container started"));
  CHECK(image(written) == Approx(3.5));
  const auto brought =
      caller("/app/agent", {{"container", "c1"}, {"package", ""}, {"image_layer", true}});
  CHECK(image(brought) == Approx(1.0));
  auto members = script({{"image_layer", false}});
  members["container"] = "c1";
  members["image_layer"] = true;  // the interpreter
  CHECK(because(caller("/usr/bin/python3.11", members),
                "the file was written after the container started"));
}
