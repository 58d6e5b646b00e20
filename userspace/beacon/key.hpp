// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "beacon/beacon_limits.hpp"
#include "beacon/contact.hpp"
#include "beacon/timing.hpp"

namespace tocsin {

// One (program content, container, destination, port).
struct BeaconKey {
  enum Flag : std::uint16_t {
    kUsed = 1 << 0,
    kRollUp = 1 << 1,     // all rare destinations of one program together
    kLongLived = 1 << 2,  // one connection was open for four hours
    kUnnamed = 1 << 3,    // a public address without a name
    kPairKnown = 1 << 4,  // it, or a version before it, went there by another key before
    kShell = 1 << 5,      // follow-ups within fifteen minutes of a contact
    kFirstCommand = 1 << 6,
    kRecon = 1 << 7,
    kDropped = 1 << 8,
    kIndicatorFresh = 1 << 9,
    kIndicatorStale = 1 << 10,
    kOwnedOrder = 1 << 11,    // stands in the order of packaged programs' keys
    kNameSaidOnly = 1 << 12,  // a hello said the name, no answer led to the address
    kSilenced = 1 << 13,      // what it last raised was not told: the site vouched for the program
  };
  static constexpr std::uint16_t kFollowUps = kShell | kFirstCommand | kRecon | kDropped;

  BeaconTiming timing;
  std::array<WallNs, 3> crossed_ns{};  // notice, alert, critical; 0: not reached
  WallNs follow_up_ns = 0;             // the last follow-up that marked it
  std::array<std::uint32_t, 3> crossed_episode{};
  std::uint32_t failed = 0;  // contacts that came to nothing
  std::uint16_t subject = 0, container = 0, destination = 0, port = 0;
  std::uint16_t older = 0, newer = 0;  // in the order of the last contact
  std::uint16_t flags = 0;
  [[nodiscard]] bool has(Flag flag) const { return (flags & flag) != 0; }
};
static_assert(sizeof(BeaconKey) <= 256, "a key has 256 bytes at most");
static_assert(sizeof(BeaconKey) * limits::kBeaconKeysMax <= 4UL * 1024 * 1024);

// Everything remembered of a program that made contacts; it lives as long as one of its keys.
struct SubjectRecord {
  BeaconSubject facts;
  std::vector<std::uint16_t> keys;
  std::uint32_t forgotten_s = 0;        // Unix time when a key last went for room; 0: none did
  std::uint16_t best_key = UINT16_MAX;  // the most regular of its keys, and its B
  float best_beacon = 0;
  std::uint32_t rare_changes = 0;  // roll-up: contacts that went elsewhere than the one before
  std::uint64_t rare_last = 0;     // roll-up: hash of the destination of the last one
};

struct DestinationRecord {
  std::uint16_t keys = 0;
  std::uint16_t subjects = 0;  // different programs that go there
  DestinationClass known;
};

}  // namespace tocsin
