// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace tocsin {

// Evidence of one group has one origin; an alert needs two groups.
enum class EvidenceGroup : std::uint8_t {
  kTiming,
  kImage,
  kLineage,
  kDestination,
  kFollowUp,
  kIndicator
};
inline constexpr std::size_t kEvidenceGroups = 6;

// What can be said of a program and one of its destinations, beside the regularity itself.
enum class Evidence : std::uint8_t {
  kChattyRare,  // 30 contacts in ten minutes to where nobody else goes
  kLongLived,   // one connection open for four hours to where nobody else goes
  kDistroFile,  // a package of the distribution owns it and the content is the package's
  kThirdPartyPackage,
  kAltered,             // a package owns the path, the content is another
  kUnowned,             // no package owns it and it is in no image layer
  kWrittenInContainer,  // after the container's start
  kNewProgram,          // first seen on this host less than a day ago
  kYoungProgram,        // less than a week ago
  kContentChanged,      // other content at the same path within 30 days
  kMemoryOrDeleted,     // memfd, or the file is gone
  kTempFolder,
  kHiddenInHome,
  kPosing,  // a system program's name elsewhere
  kInstallHook,
  kServerParent,   // descends from a web or database server
  kYoungUnit,      // started by cron or systemd, less than a week known
  kLogin,          // a person's terminal
  kNewPair,        // the program is known for two weeks, this destination of it for less than one
  kOnlySubject,    // no other program goes there
  kManySubjects,   // five or more do
  kNoName,         // a public address that no name led to
  kAbusedService,  // dynamic DNS, tunnel, paste, webhook
  kPopular,
  kShell,           // a shell below it on a socket or a fresh terminal
  kFirstCommand,    // its first "sh -c" ever
  kRecon,           // three different look-around commands in a minute
  kDropped,         // a file never seen before, executed below it
  kIndicatorFresh,  // the address is one of a listed name, as answered within a day
  kIndicatorStale,
  kLibrary,     // maps a library that no package vouches for, or that changed within 30 days
  kUnvouched,   // beside kShell: nor does a package vouch for the program it ran below
  kInlineCode,  // the code stands on a command line or came by a pipe
  kCount
};
inline constexpr std::size_t kEvidenceCount = static_cast<std::size_t>(Evidence::kCount);

struct EvidenceFacts {
  Evidence evidence;
  EvidenceGroup group;
  std::string_view code;   // "image.unowned": in beacon.weights
  double weight;           // log odds
  std::string_view words;  // "no package owns the file": in stories
};
std::span<const EvidenceFacts> evidence_facts();

// "timing", "image", …: in JSON.
std::string_view to_string(EvidenceGroup group);

class EvidenceSet {
 public:
  EvidenceSet& add(Evidence evidence, bool applies = true) {
    if (applies) bits_.set(static_cast<std::size_t>(evidence));
    return *this;
  }
  void remove(Evidence evidence) { bits_.reset(static_cast<std::size_t>(evidence)); }
  [[nodiscard]] bool has(Evidence evidence) const {
    return bits_.test(static_cast<std::size_t>(evidence));
  }
  [[nodiscard]] std::uint64_t bits() const { return bits_.to_ullong(); }
  // Bits without a meaning are left out.
  static EvidenceSet of(std::uint64_t bits) {
    EvidenceSet out;
    out.bits_ = std::bitset<kEvidenceCount>(bits);
    return out;
  }
  friend EvidenceSet operator|(EvidenceSet a, const EvidenceSet& b) {
    return a.bits_ |= b.bits_, a;
  }
  friend bool operator==(const EvidenceSet&, const EvidenceSet&) = default;

 private:
  std::bitset<kEvidenceCount> bits_;
  static_assert(kEvidenceCount <= 64);
};

// The weights in use: the table's, or what a site wrote over it.
class EvidenceWeights {
 public:
  EvidenceWeights();
  // "image.unowned=1.5"; the error says what is wrong.
  Result<void> set(std::string_view assignment);
  static Result<EvidenceWeights> with(std::span<const std::string> assignments);

  [[nodiscard]] double of(Evidence evidence) const {
    return weights_[static_cast<std::size_t>(evidence)];
  }
  // What full regularity (B = 1) adds; "timing.regular".
  [[nodiscard]] double regular() const { return regular_; }

 private:
  std::array<double, kEvidenceCount> weights_{};
  double regular_;
};

enum class BeaconLevel : std::uint8_t { kNone, kNotice, kAlert, kCritical };
std::string_view to_string(BeaconLevel level);  // "none", "notice", …

struct Fusion {
  std::array<double, kEvidenceGroups> contribution{};  // log odds, capped per group
  double log_odds = 0;
  double probability = 0;
  // None without positive evidence from two of the groups before kIndicator.
  BeaconLevel level = BeaconLevel::kNone;
};

// beacon: B of BeaconScore.
Fusion fuse(double beacon, const EvidenceSet& evidence, const EvidenceWeights& weights);

// What speaks for it, then what speaks against it, strongest first; the regularity is not among it.
std::vector<std::string_view> reasons(const EvidenceSet& evidence, const EvidenceWeights& weights);

}  // namespace tocsin
