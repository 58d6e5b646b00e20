// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

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
#include "beacon/key.hpp"

namespace tocsin {

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
  // The level that the assessment reaches now: none of a roll-up that one of the keys in it
  // explains.
  [[nodiscard]] BeaconLevel level(Slot slot, const Assessment& assessment) const;
  // Levels that are reached for the first time; true when there are any.
  bool cross(Slot slot, const Assessment& assessment, WallNs now);
  // Whether what it raised was told. What was not is news again once nobody vouches any longer.
  void note_told(Slot slot, bool told);
  // So that each level is news again.
  void forget_crossings(Slot slot);

  // Something that happened below a program in one container; what it did in others is not meant.
  struct FollowUp {
    const BeaconSubject& subject;
    const std::string& container;
    BeaconKey::Flag what;
    WallNs now_ns;
  };
  // Marks and gives keys with a contact in the 15 minutes before, and those that talk still.
  std::vector<Slot> follow_up(const FollowUp& what, std::span<const Slot> talking = {});
  // It was marked so, and that counts still.
  [[nodiscard]] bool followed_by(const FollowUp& what) const;

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
  static void describe(SubjectRecord& record, const BeaconSubject& subject);
  [[nodiscard]] bool is_new_pair(const BeaconKey& key, WallNs now) const;
  [[nodiscard]] bool went_there(const BeaconSubject& subject, std::uint16_t destination,
                                WallNs now) const;
  [[nodiscard]] bool lost_keys(const SubjectRecord& record, WallNs now) const;
  static void note_loss(SubjectRecord& record, WallNs now);
  [[nodiscard]] EvidenceSet evidence(const BeaconKey& key, WallNs now) const;
  [[nodiscard]] bool follow_up_counts(const BeaconKey& key, WallNs now) const;
  [[nodiscard]] std::optional<double> dormant_s(const BeaconKey& key) const;
  void note(Slot slot, const BeaconContact& contact);
  void feed_roll_up(Slot slot, const BeaconContact& contact);
  [[nodiscard]] bool goes_to(Slot subject, std::uint16_t destination) const;
  void note_course(Slot slot, const Assessment& assessment, WallNs now);
  void make_room(WallNs now);
  bool make_own_room(SubjectRecord& owner, WallNs now);
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
