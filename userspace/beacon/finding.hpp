// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_writer.hpp"
#include "beacon/contact.hpp"
#include "beacon/evidence.hpp"
#include "beacon/timing.hpp"

namespace tocsin {

// What is said about one key: a row of `tocsin beacons`, and the heart of an alert. Copies, so it
// outlives the table.
struct BeaconFinding {
  SubjectKind subject_kind = SubjectKind::kFile;
  std::string subject_path;
  Sha256 subject_id;
  std::string container;    // empty: the host
  std::string destination;  // "*rare*": all destinations that only this program uses
  std::uint16_t port = 0;
  ContactKind kind = ContactKind::kConnect;
  std::uint32_t contacts = 0, failed = 0;
  BeaconScore score;
  Fusion fusion;
  BeaconLevel verdict = BeaconLevel::kNone;  // the highest level reached, not that of now
  std::vector<std::string_view> because;     // static texts
  std::vector<double> intervals_s;           // the last, oldest first; BeaconTiming::intervals()
  // From the program's first run, or its update, to the first contact; nothing: of unknown age, or
  // it went there before.
  std::optional<double> dormant_s;
  WallNs first_ns = 0, last_ns = 0;
  std::array<WallNs, 3> crossed_ns{};  // notice, alert, critical; 0: not reached
  std::array<std::uint32_t, 3> crossed_episode{};
};

// The finding as one JSON object; the writer stands where a value is expected. more: writes further
// members.
void write_beacon(JsonWriter& w, const BeaconFinding& finding,
                  const std::function<void(JsonWriter&)>& more = {});

// "calls c2.example:443 every 60 s (± 5 %), 14 times since …; no package owns the file; …": the
// program and the probability are the caller's to add.
std::string beacon_story(const BeaconFinding& finding);

}  // namespace tocsin
