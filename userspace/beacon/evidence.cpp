// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "beacon/evidence.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdlib>

#include "base/text.hpp"

namespace tocsin {
namespace {

using enum EvidenceGroup;

constexpr double kPrior = -6.0;         // log odds before any evidence
constexpr double kRegular = 3.0;        // of B = 1
constexpr double kRegularFrom = 0.3;    // B below adds nothing
constexpr double kSiteWeightMost = 10;  // a site's own weights, both ways
constexpr std::string_view kRegularCode = "timing.regular";

// Priors, not fitted to data; docs/beacons.md says where they come from. In the order of the enum.
constexpr EvidenceFacts kFacts[] = {
    {Evidence::kChattyRare, kTiming, "timing.chatty", 1.0,
     "30 contacts in ten minutes to where no other program goes"},
    {Evidence::kLongLived, kTiming, "timing.long-lived", 0.7,
     "a connection open for four hours to where no other program goes"},
    {Evidence::kDistroFile, kImage, "image.distribution", -2.5,
     "an unchanged file of the distribution"},
    {Evidence::kThirdPartyPackage, kImage, "image.package", -0.5, "a package owns the file"},
    {Evidence::kAltered, kImage, "image.altered", 1.0,
     "a package owns the file, but its content is not the package's"},
    {Evidence::kUnowned, kImage, "image.unowned", 1.0, "no package owns the file"},
    {Evidence::kWrittenInContainer, kImage, "image.written-in-container", 1.5,
     "the file was written after the container started"},
    {Evidence::kNewProgram, kImage, "image.new", 1.0,
     "the program was first seen here less than a day ago"},
    {Evidence::kYoungProgram, kImage, "image.young", 0.5,
     "the program was first seen here less than a week ago"},
    {Evidence::kContentChanged, kImage, "image.changed", 0.5,
     "the file's content changed within 30 days"},
    {Evidence::kMemoryOrDeleted, kImage, "image.memory", 2.5,
     "the program runs from memory or its file was removed"},
    {Evidence::kTempFolder, kImage, "image.temporary", 1.5, "it runs from a temporary folder"},
    {Evidence::kHiddenInHome, kImage, "image.hidden", 1.0,
     "it runs from a hidden folder of a home"},
    {Evidence::kPosing, kImage, "image.posing", 1.0,
     "it bears a system program's name outside the system's folders"},
    {Evidence::kInstallHook, kLineage, "lineage.install-hook", 1.0,
     "it was started by the installation of a package or dependency"},
    {Evidence::kServerParent, kLineage, "lineage.server", 1.5,
     "it was started by a web or database server"},
    {Evidence::kYoungUnit, kLineage, "lineage.young-unit", 0.7,
     "cron or systemd starts it, since less than a week"},
    {Evidence::kLogin, kLineage, "lineage.login", -1.0, "a person who logged in started it"},
    {Evidence::kNewPair, kDestination, "destination.new", 1.0,
     "the program is long known, this destination of it is new"},
    {Evidence::kOnlySubject, kDestination, "destination.only", 0.5,
     "no other program here goes there"},
    {Evidence::kManySubjects, kDestination, "destination.shared", -1.5,
     "five or more programs here go there"},
    {Evidence::kNoName, kDestination, "destination.unnamed", 0.7,
     "a public address that no name led to"},
    {Evidence::kAbusedService, kDestination, "destination.service", 0.7,
     "a dynamic name, tunnel, paste or webhook service"},
    {Evidence::kPopular, kDestination, "destination.popular", -1.0, "a popular destination"},
    {Evidence::kShell, kFollowUp, "follow-up.shell", 4.5,
     "then a shell on a socket or fresh terminal ran below it"},
    {Evidence::kFirstCommand, kFollowUp, "follow-up.first-command", 1.0,
     "then it ran a shell command for the first time"},
    {Evidence::kRecon, kFollowUp, "follow-up.recon", 1.0,
     "then three look-around commands ran below it within a minute"},
    {Evidence::kDropped, kFollowUp, "follow-up.dropped", 1.0,
     "then a file never seen before was executed below it"},
    {Evidence::kIndicatorFresh, kIndicator, "indicator.fresh", 1.5,
     "a listed name resolved to the address within a day"},
    {Evidence::kIndicatorStale, kIndicator, "indicator.stale", 0.5,
     "a listed name once resolved to the address"},
    {Evidence::kLibrary, kImage, "image.library", 1.0,
     "it maps a library that no package vouches for, or that changed within 30 days"},
    {Evidence::kUnvouched, kFollowUp, "follow-up.unvouched", 2.0,
     "and nothing vouches for the program that opened the shell"},
    {Evidence::kInlineCode, kImage, "image.inline", 0.5,
     "its code is no file: it came by the command line or a pipe"},
};

constexpr bool in_enum_order() {
  for (std::size_t i = 0; i < std::size(kFacts); ++i)
    if (static_cast<std::size_t>(kFacts[i].evidence) != i) return false;
  return std::size(kFacts) == kEvidenceCount;
}
static_assert(in_enum_order());

struct Cap {
  double least, most;
};
constexpr std::array<Cap, kEvidenceGroups> kCaps = {
    {{0, 3.0}, {-2.5, 4.0}, {-1.0, 1.5}, {-2.5, 2.0}, {0, 5.0}, {0, 1.5}}};

constexpr std::array<double, 3> kLevels = {0.5, 0.9, 0.99};

// Every group but the indicators, which alarm by themselves.
constexpr std::size_t kOwnGroups = static_cast<std::size_t>(kIndicator);

}  // namespace

std::span<const EvidenceFacts> evidence_facts() {
  return kFacts;
}

std::string_view to_string(EvidenceGroup group) {
  static constexpr std::string_view kNames[] = {"timing",      "image",     "lineage",
                                                "destination", "follow_up", "indicator"};
  return kNames[static_cast<std::size_t>(group)];
}

std::string_view to_string(BeaconLevel level) {
  static constexpr std::string_view kNames[] = {"none", "notice", "alert", "critical"};
  return kNames[static_cast<std::size_t>(level)];
}

EvidenceWeights::EvidenceWeights() : regular_(kRegular) {
  for (std::size_t i = 0; i < kEvidenceCount; ++i) weights_[i] = kFacts[i].weight;
}

Result<void> EvidenceWeights::set(std::string_view assignment) {
  const auto equals = assignment.find('=');
  if (equals == std::string_view::npos)
    return fail(ErrorCode::kInvalidInput,
                fmt::format("'{}' must read group.evidence=weight", printable(assignment, 80)));
  const auto code = trim(assignment.substr(0, equals));
  const std::string number(trim(assignment.substr(equals + 1)));
  char* end = nullptr;
  const double weight = std::strtod(number.c_str(), &end);
  if (number.empty() || *end != '\0' || !(std::abs(weight) <= kSiteWeightMost))
    return fail(ErrorCode::kInvalidInput,
                fmt::format("'{}': a number from {} to {} is expected", printable(assignment, 80),
                            -kSiteWeightMost, kSiteWeightMost));
  if (code == kRegularCode) return regular_ = weight, Result<void>{};
  const auto* facts = std::ranges::find(kFacts, code, &EvidenceFacts::code);
  if (facts == std::end(kFacts))
    return fail(ErrorCode::kInvalidInput,
                fmt::format("there is no evidence '{}'", printable(code, 80)));
  weights_[static_cast<std::size_t>(facts->evidence)] = weight;
  return {};
}

Result<EvidenceWeights> EvidenceWeights::with(std::span<const std::string> assignments) {
  EvidenceWeights out;
  for (const auto& assignment : assignments) TOCSIN_TRY_VOID(out.set(assignment));
  return out;
}

Fusion fuse(double beacon, const EvidenceSet& evidence, const EvidenceWeights& weights) {
  Fusion out;
  auto& timing = out.contribution[static_cast<std::size_t>(kTiming)];
  if (beacon > kRegularFrom)
    timing = weights.regular() * (beacon - kRegularFrom) / (1 - kRegularFrom);
  for (const auto& facts : kFacts)
    if (evidence.has(facts.evidence) && facts.evidence != Evidence::kUnvouched)
      out.contribution[static_cast<std::size_t>(facts.group)] += weights.of(facts.evidence);
  out.log_odds = kPrior;
  std::size_t positive = 0;
  for (std::size_t g = 0; g < kEvidenceGroups; ++g) {
    auto& c = out.contribution[g];
    c = std::clamp(c, kCaps[g].least, kCaps[g].most);
    // What it says, it says of the shell and of the program together: beyond the cap of either.
    if (g == static_cast<std::size_t>(kFollowUp) && evidence.has(Evidence::kUnvouched))
      c += weights.of(Evidence::kUnvouched);
    out.log_odds += c;
    if (c > 0 && g < kOwnGroups) ++positive;
  }
  out.probability = 1 / (1 + std::exp(-out.log_odds));
  if (positive >= 2)
    out.level = static_cast<BeaconLevel>(
        std::ranges::count_if(kLevels, [&](double from) { return out.probability >= from; }));
  return out;
}

std::vector<std::string_view> reasons(const EvidenceSet& evidence, const EvidenceWeights& weights) {
  std::vector<const EvidenceFacts*> found;
  for (const auto& facts : kFacts)
    if (evidence.has(facts.evidence)) found.push_back(&facts);
  std::ranges::stable_sort(found, [&](const EvidenceFacts* a, const EvidenceFacts* b) {
    const double x = weights.of(a->evidence), y = weights.of(b->evidence);
    return (x > 0) != (y > 0) ? x > 0 : std::abs(x) > std::abs(y);
  });
  std::vector<std::string_view> out;
  out.reserve(found.size());
  for (const auto* facts : found) out.push_back(facts->words);
  return out;
}

}  // namespace tocsin
