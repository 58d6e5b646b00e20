// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/slot_table.hpp"
#include "beacon/beacon_limits.hpp"
#include "beacon/contact.hpp"
#include "beacon/finding.hpp"
#include "beacon/timing.hpp"

namespace tocsin {

// One (program content, container, destination, port).
struct BeaconKey {
  enum Flag : std::uint16_t {
    kUsed = 1 << 0,
    kRollUp = 1 << 1,     // all rare destinations of one program together
    kLongLived = 1 << 2,  // one connection was open for four hours
    kUnnamed = 1 << 3,    // a public address without a name
    kPairKnown = 1 << 4,  // program, or the content before it, went there by another key before
    kShell = 1 << 5,      // follow-ups within fifteen minutes of a contact
    kFirstCommand = 1 << 6,
    kRecon = 1 << 7,
    kDropped = 1 << 8,
    kIndicatorFresh = 1 << 9,
    kIndicatorStale = 1 << 10,
    kOwnedOrder = 1 << 11,    // stands in the order of packaged programs' keys
    kNameSaidOnly = 1 << 12,  // a hello said the name, no answer led to the address
  };
  static constexpr std::uint16_t kFollowUps = kShell | kFirstCommand | kRecon | kDropped;

  BeaconTiming timing;
  std::array<WallNs, 3> crossed_ns{};  // notice, alert, critical; 0: not reached
  std::array<std::uint32_t, 3> crossed_episode{};
  std::uint32_t failed = 0;  // contacts that came to nothing
  std::uint16_t subject = 0, container = 0, destination = 0, port = 0;
  std::uint16_t older = 0, newer = 0;  // in the order of the last contact
  std::uint16_t flags = 0;
  [[nodiscard]] bool has(Flag flag) const { return (flags & flag) != 0; }
};
static_assert(sizeof(BeaconKey) <= 256, "a key has 256 bytes at most");
static_assert(sizeof(BeaconKey) * limits::kBeaconKeysMax < 4UL * 1024 * 1024);

// Everything remembered of a program that made contacts; it lives as long as one of its keys.
struct SubjectRecord {
  BeaconSubject facts;
  std::vector<std::uint16_t> keys;
  std::uint32_t forgotten = 0;          // keys that went for room: what is new is not known since
  WallNs follow_up_ns = 0;              // the last follow-up
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

struct BeaconCounters {
  std::uint64_t contacts = 0;
  std::uint64_t beyond_quota = 0;    // only in the roll-up: the program has too many destinations
  std::uint64_t evicted_owned = 0;   // keys of packaged programs, or unheard for 30 days
  std::uint64_t evicted_pinned = 0;  // keys that should have stayed
};

struct BeaconOptions {
  double time_scale = 1;  // tests: see BeaconTiming
  EvidenceWeights weights = {};
  std::size_t keys_max = limits::kBeaconKeysMax;
  std::size_t destinations_max = limits::kBeaconDestinationsMax;  // of one program
  bool course = false;  // remember how scores changed over time: replays
  // By name or address; may be empty. Asked once for each destination that is new to the table.
  std::function<DestinationClass(const std::string&)> classify = {};
};

// How one key's scores stood at one time.
struct BeaconPoint {
  WallNs time_ns = 0;
  std::uint32_t episodes = 0;
  double score = 0, probability = 0;
};

// One key's state, weighed.
struct Assessment {
  BeaconScore score;
  EvidenceSet evidence;
  Fusion fusion;
};

// Every key in bounded memory. Full: of packaged programs the key unheard for longest goes, then
// any unheard for 30 days, then of the others the one unheard for longest, counted. State thread.
class BeaconTable {
 public:
  using Slot = std::uint16_t;
  static constexpr Slot kNone = UINT16_MAX;
  struct Filed {
    Slot key = kNone;      // none beyond the program's quota
    Slot roll_up = kNone;  // none when others go there, too
  };

  explicit BeaconTable(BeaconOptions options);

  Filed file(const BeaconContact& contact);
  Assessment assess(Slot slot, WallNs now);
  // Levels that the assessment reaches for the first time; true when there are any. A roll-up
  // reaches none that is explained by one of the keys in it.
  bool cross(Slot slot, const Assessment& assessment, WallNs now);

  // Marks and gives keys with a contact in the 15 minutes before, and those that talk still.
  std::vector<Slot> follow_up(const Sha256& subject, BeaconKey::Flag what, WallNs now,
                              std::span<const Slot> talking = {});
  // It was marked so, and that counts still.
  [[nodiscard]] bool followed_by(const Sha256& subject, BeaconKey::Flag what, WallNs now) const;

  // Where scores changed, oldest first, limits::kBeaconCoursePointsMax at most: every second goes
  // when it is full. Empty unless BeaconOptions::course.
  [[nodiscard]] std::span<const BeaconPoint> course(Slot slot) const;

  // The key in words and numbers, as assessed.
  [[nodiscard]] BeaconFinding finding(Slot slot, const Assessment& assessment) const;

  [[nodiscard]] bool holds(Slot slot, std::uint64_t identity) const;
  [[nodiscard]] std::uint64_t identity_of(Slot slot) const { return identity(keys_[slot]); }
  [[nodiscard]] BeaconKey& key(Slot slot) { return keys_[slot]; }
  [[nodiscard]] const BeaconKey& key(Slot slot) const { return keys_[slot]; }
  [[nodiscard]] std::size_t slots() const { return keys_.size(); }  // some may be unused
  [[nodiscard]] const SubjectRecord& subject(const BeaconKey& key) const {
    return subjects_[key.subject];
  }
  [[nodiscard]] const SubjectRecord* find_subject(const Sha256& id) const;
  // Without the kind's mark; "*rare*" for a roll-up.
  [[nodiscard]] std::string destination(const BeaconKey& key) const;
  [[nodiscard]] ContactKind kind(const BeaconKey& key) const;
  [[nodiscard]] const std::string& container(const BeaconKey& key) const {
    return containers_.key_of(key.container);
  }
  // A roll-up whose contacts rotate and that no single key explains.
  [[nodiscard]] bool speaks_for_itself(const BeaconKey& key) const;

  [[nodiscard]] std::size_t size() const { return index_.size(); }
  [[nodiscard]] const BeaconCounters& counters() const { return counters_; }
  [[nodiscard]] const BeaconOptions& options() const { return options_; }

  // For state that was saved: one key with all that belongs to it, oldest contact first. False
  // when it is there already or there is no room.
  struct Saved {
    BeaconKey key;  // numbers of subject, container, destination and order mean nothing
    std::string container, destination;
    ContactKind kind = ContactKind::kConnect;
    std::uint32_t rare_changes = 0;
  };
  bool restore(const SubjectRecord& subject, const Saved& saved);

 private:
  struct Order {  // of last contacts
    Slot oldest = kNone, newest = kNone;
  };
  static std::uint64_t identity(const BeaconKey& key);
  Slot key_for(Slot subject, const BeaconContact& contact, bool roll_up);
  Slot add_key(BeaconKey key);
  Slot subject_for(const BeaconSubject& subject);
  [[nodiscard]] bool is_new_pair(const BeaconKey& key, WallNs now) const;
  void note(Slot slot, const BeaconContact& contact);
  void feed_roll_up(Slot slot, const BeaconContact& contact);
  [[nodiscard]] bool goes_to(Slot subject, std::uint16_t destination) const;
  void note_course(Slot slot, const Assessment& assessment, WallNs now);
  void make_room(WallNs now);
  bool make_own_room(SubjectRecord& owner);
  void remove(Slot slot);
  void link(Slot slot);
  void unlink(Slot slot);
  Order& order_of(const BeaconKey& key);
  [[nodiscard]] WallNs long_as(double seconds) const;

  BeaconOptions options_;
  std::vector<BeaconKey> keys_;
  std::vector<Slot> free_;
  std::unordered_map<std::uint64_t, Slot> index_;  // by identity()
  SlotTable<Sha256, SubjectRecord, DigestHash> subjects_;
  SlotTable<std::string, std::uint16_t> containers_;  // keys of each
  SlotTable<std::string, DestinationRecord> destinations_;
  std::unordered_map<Slot, std::vector<BeaconPoint>> courses_;
  Order owned_, others_;
  BeaconCounters counters_;
};

}  // namespace tocsin
