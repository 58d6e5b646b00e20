// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// Every line of the doctor has its heading in docs/troubleshoot.md, and every heading its line.
#include <fstream>
#include <set>

#include "cli/doctor_checks.hpp"
#include "cli/rights_checks.hpp"
#include "support/test.hpp"

using namespace tocsin;
using namespace tocsin::cli;

namespace {

constexpr std::string_view kPlace = "docs/troubleshoot.md#";

// "### hook exec" below "## The lines of doctor", as the anchors that a browser makes of them.
std::set<std::string> anchors() {
  std::set<std::string> out;
  std::ifstream in(TOCSIN_SOURCE_DIR "/docs/troubleshoot.md");
  bool inside = false;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("## ")) inside = line == "## The lines of doctor";
    if (!inside || !line.starts_with("### ")) continue;
    auto anchor = line.substr(4);
    for (auto& c : anchor) c = c == ' ' ? '-' : c;
    out.insert(anchor);
  }
  return out;
}

std::vector<Check> all_checks() {
  auto out = host_checks({});
  const auto add = [&](std::vector<Check> more) {
    out.insert(out.end(), more.begin(), more.end());
  };
  add(rights_checks({}));
  add(package_checks({}));
  PackageReading reading;
  for (const auto manager : {PackageManager::kDpkg, PackageManager::kApk, PackageManager::kRpm})
    reading.databases.emplace_back().manager = manager;
  add(package_checks(reading));
  std::vector<HookStatus> hooks;
  for (const auto& slot : hook_slots()) hooks.emplace_back().event = slot.event;
  add(hook_checks(hooks));
  add(response_checks(hooks));
  out.emplace_back().name = "hooks";         // when nothing was tried: cmd_doctor.cpp
  out.emplace_back().name = "fleet broker";  // of each in fleet.servers: fleet_checks.cpp
  out.emplace_back().name = "fleet certificate";
  return out;
}

}  // namespace

TEST_CASE("each check of the doctor is explained, and nothing else is", "[cli]") {
  std::set<std::string> wanted;
  for (const auto& check : all_checks()) {
    const auto place = place_in_docs(check);
    REQUIRE(place.starts_with(kPlace));
    wanted.insert(place.substr(kPlace.size()));
  }
  CHECK(wanted == anchors());
}
