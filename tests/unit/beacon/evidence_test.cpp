// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "beacon/evidence.hpp"

#include "support/test.hpp"

using namespace tocsin;
using enum Evidence;

namespace {

struct Example {
  const char* what;
  double beacon;
  std::vector<Evidence> evidence;
  double log_odds;     // to a tenth, as in docs/beacons.md
  double probability;  // to a hundredth
  BeaconLevel level;
};

// The worked examples of docs/beacons.md: they hold the arithmetic, not the quality of detection.
const std::vector<Example> kExamples = {
    {"a time service", 0.96, {kDistroFile, kManySubjects}, -7.2, 0.00, BeaconLevel::kNone},
    {"a vendor's agent", 1, {kThirdPartyPackage, kOnlySubject}, -3.0, 0.05, BeaconLevel::kNone},
    {"an agent from a script, day 1",
     1,
     {kUnowned, kNewProgram, kOnlySubject},
     -0.5,
     0.38,
     BeaconLevel::kNone},
    {"an unowned file in ~/.config",
     0.8,
     {kUnowned, kNewProgram, kHiddenInHome, kYoungUnit, kOnlySubject},
     0.3,
     0.58,
     BeaconLevel::kNotice},
    {"the same with a shell",
     0.8,
     {kUnowned, kNewProgram, kHiddenInHome, kYoungUnit, kOnlySubject, kShell},
     4.8,
     0.99,
     BeaconLevel::kCritical},
    {"a script with a young user unit",
     0.84,
     {kUnowned, kNewProgram, kHiddenInHome, kYoungUnit, kOnlySubject},
     0.5,
     0.63,
     BeaconLevel::kNotice},
    {"a script in /tmp from an install hook, drop and execute",
     0.9,
     {kUnowned, kNewProgram, kTempFolder, kInstallHook, kOnlySubject, kDropped},
     2.6,
     0.93,
     BeaconLevel::kAlert},
    {"a vendor's application after an update, shell and look-around",
     0.8,
     {kThirdPartyPackage, kContentChanged, kNewPair, kOnlySubject, kShell, kRecon},
     2.6,
     0.93,
     BeaconLevel::kAlert},
    {"the same without a shell",
     0.8,
     {kThirdPartyPackage, kContentChanged, kNewPair, kOnlySubject},
     -2.4,
     0.08,
     BeaconLevel::kNone},
};

Fusion fused(double beacon, const std::vector<Evidence>& evidence,
             const EvidenceWeights& weights = {}) {
  EvidenceSet set;
  for (const auto e : evidence) set.add(e);
  return fuse(beacon, set, weights);
}

}  // namespace

TEST_CASE("the worked examples come out as documented") {
  for (const auto& example : kExamples) {
    INFO(example.what);
    const auto fusion = fused(example.beacon, example.evidence);
    CHECK(fusion.log_odds == Approx(example.log_odds).margin(0.06));
    CHECK(fusion.probability == Approx(example.probability).margin(0.0101));
    CHECK(fusion.level == example.level);
  }
}

TEST_CASE("no group alone reaches a level, whatever it weighs") {
  EvidenceWeights weights;
  REQUIRE(weights.set("timing.regular=10"));
  CHECK(fused(1, {}, weights).level == BeaconLevel::kNone);
  std::vector<Evidence> follow_up = {kShell, kFirstCommand, kRecon, kDropped};
  CHECK(fused(0, follow_up).level == BeaconLevel::kNone);
  // Nor does an indicator's address make up for the second group: it alarms by itself.
  follow_up.push_back(kIndicatorFresh);
  CHECK(fused(0, follow_up).probability > 0.5);
  CHECK(fused(0, follow_up).level == BeaconLevel::kNone);
}

TEST_CASE("each group is capped both ways") {
  std::vector<Evidence> all;
  for (const auto& facts : evidence_facts())
    if (facts.weight > 0) all.push_back(facts.evidence);
  const auto most = fused(1, all).contribution;
  CHECK(most == std::array<double, kEvidenceGroups>{3.0, 4.0, 1.5, 2.0, 7.0, 1.5});
  const auto least =
      fused(0, {kDistroFile, kThirdPartyPackage, kLogin, kManySubjects, kPopular}).contribution;
  CHECK(least == std::array<double, kEvidenceGroups>{0, -2.5, -1.0, -2.5, 0, 0});
}

TEST_CASE("regularity below three tenths counts nothing and grows from there") {
  CHECK(fused(0.3, {}).contribution[0] == 0);
  CHECK(fused(0.65, {}).contribution[0] == Approx(1.5));
  CHECK(fused(1, {}).contribution[0] == Approx(3));
}

TEST_CASE("a site's weights replace the built-in ones and are checked") {
  const auto weights =
      EvidenceWeights::with(std::vector<std::string>{"image.unowned = 2.5", "timing.regular=1"});
  REQUIRE(weights);
  CHECK(weights->of(kUnowned) == 2.5);
  CHECK(weights->regular() == 1);
  for (const auto* wrong : {"image.unowned", "image.owned=1", "image.unowned=x",
                            "image.unowned=", "image.unowned=11", "image.unowned=nan", "=1", ""}) {
    INFO(wrong);
    EvidenceWeights unchanged;
    CHECK_FALSE(unchanged.set(wrong));
  }
}

TEST_CASE("reasons come strongest first, and what speaks against it last") {
  EvidenceSet set;
  set.add(kOnlySubject).add(kThirdPartyPackage).add(kShell).add(kPopular);
  const auto words = reasons(set, {});
  REQUIRE(words.size() == 4);
  CHECK(words[0].find("shell") != std::string_view::npos);
  CHECK(words[1].find("no other program") != std::string_view::npos);
  CHECK(words[2] == "a popular destination");
  CHECK(words[3] == "a package owns the file");
}
