// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/sha256_of.hpp"
#include "beacon/table.hpp"

// A beacon table by itself, with a time that the test sets.
namespace tocsin::test {

inline constexpr WallNs kStart = 1'700'000'000 * kNsPerSecond;
inline constexpr WallNs kDay = 86'400 * kNsPerSecond;

inline BeaconSubject program(const std::string& path, bool owned = false) {
  BeaconSubject out;
  out.id = sha256_of(path);
  out.kind = SubjectKind::kContent;
  out.path = path;
  out.package_owned = owned;
  out.known_ns = kStart;
  return out;
}

struct BeaconBench {
  BeaconTable table;
  WallNs now = kStart;

  explicit BeaconBench(BeaconOptions options = {}) : table(std::move(options)) {}
  BeaconTable::Filed contact(const BeaconSubject& subject, const std::string& destination,
                             std::uint16_t port = 443) {
    return table.file({.time_ns = now,
                       .subject = subject,
                       .container = "",
                       .destination = destination,
                       .port = port});
  }
  std::vector<BeaconTable::Slot> follow_up(const BeaconSubject& subject, BeaconKey::Flag what,
                                           const std::string& container = "") {
    return table.follow_up({subject, container, what, now});
  }
  bool remembers(const std::string& destination) {
    for (std::size_t i = 0; i < table.slots(); ++i) {
      const auto& key = table.key(static_cast<BeaconTable::Slot>(i));
      if (key.has(BeaconKey::kUsed) && table.destination(key) == destination) return true;
    }
    return false;
  }
  EvidenceSet evidence(BeaconTable::Slot slot) { return table.assess(slot, now).evidence; }
};

}  // namespace tocsin::test
