// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "beacon/table.hpp"

#include <algorithm>
#include <tuple>

#include "beacon/beacon_limits.hpp"

namespace tocsin {
namespace {

constexpr double kPinnedS = 30 * 86'400.0;     // keys of programs that no package owns stay so long
constexpr double kForgottenS = 30 * 86'400.0;  // what a program left alone so long is new again
constexpr char kDnsMark = '?';  // in front of a destination that was asked about, not contacted

std::string destination_key(std::string_view name, ContactKind kind) {
  std::string out(kind == ContactKind::kDns ? 1 : 0, kDnsMark);
  return out.append(name.substr(0, limits::kBeaconNameBytesMax));
}

}  // namespace

void BeaconTable::describe(SubjectRecord& record, const BeaconSubject& subject) {
  record.facts = subject;
  auto& path = record.facts.path;
  if (path.size() > limits::kBeaconPathBytesMax) path.resize(limits::kBeaconPathBytesMax);
}

BeaconTable::BeaconTable(BeaconOptions options) : options_(std::move(options)) {
  options_.keys_max = std::clamp<std::size_t>(options_.keys_max, 1, limits::kBeaconKeysMax);
}

WallNs BeaconTable::long_as(double seconds) const {
  return static_cast<WallNs>(seconds / options_.time_scale * kNsPerSecond);
}

// ---- Filing

BeaconTable::Filed BeaconTable::file(const BeaconContact& contact) {
  ++counters_.contacts;
  const auto subject = subject_for(contact.subject);
  auto& record = subjects_[subject];
  describe(record, contact.subject);
  Filed filed;
  filed.key = key_for(subject, contact, /*roll_up=*/false);
  bool rare = true;
  if (filed.key == kNone) {
    ++counters_.beyond_quota;
  } else {
    note(filed.key, contact);
    rare = destinations_[keys_[filed.key].destination].subjects == 1;
  }
  if (rare && contact.kind == ContactKind::kConnect) {
    const auto identity_then = filed.key == kNone ? 0 : identity(keys_[filed.key]);
    filed.roll_up = key_for(subject, contact, /*roll_up=*/true);
    feed_roll_up(filed.roll_up, contact);
    // In a table full of keys that stay, the program's own key may have made room for it.
    if (!holds(filed.key, identity_then)) filed.key = kNone;
  }
  return filed;
}

BeaconTable::Slot BeaconTable::subject_for(const BeaconSubject& subject) {
  const auto slot = subjects_.get(subject.id);
  if (subjects_[slot].keys.empty()) describe(subjects_[slot], subject);
  return slot;
}

std::uint64_t BeaconTable::identity(const BeaconKey& key) {
  return std::uint64_t{key.subject} << 48 | std::uint64_t{key.container} << 32 |
         std::uint64_t{key.destination} << 16 | key.port;
}

bool BeaconTable::holds(Slot slot, std::uint64_t identity_then) const {
  return slot < keys_.size() && keys_[slot].has(BeaconKey::kUsed) &&
         identity(keys_[slot]) == identity_then;
}

BeaconTable::Slot BeaconTable::key_for(Slot subject, const BeaconContact& contact, bool roll_up) {
  BeaconKey fresh;
  fresh.flags = BeaconKey::kUsed | (roll_up ? BeaconKey::kRollUp : 0);
  fresh.subject = subject;
  fresh.port = roll_up ? std::uint16_t{0} : contact.port;
  const auto container = contact.container.substr(0, limits::kBeaconNameBytesMax);
  const auto destination =
      roll_up ? std::string(kRollUpName) : destination_key(contact.destination, contact.kind);
  fresh.container = containers_.find(container);
  fresh.destination = destinations_.find(destination);
  if (fresh.container != kNone && fresh.destination != kNone)
    if (const auto it = index_.find(identity(fresh)); it != index_.end()) return it->second;

  auto& owner = subjects_[subject];
  if (!roll_up && owner.keys.size() >= options_.destinations_max &&
      !make_own_room(owner, contact.time_ns))
    return kNone;
  if (index_.size() >= options_.keys_max) {
    owner.keys.push_back(kNone);  // so that making room does not end the subject itself
    make_room(contact.time_ns);
    std::erase(owner.keys, kNone);
  }
  fresh.container = containers_.get(container);
  const bool unheard_of = destinations_.find(destination) == kNone;
  fresh.destination = destinations_.get(destination);
  if (unheard_of && !roll_up && options_.classify)
    destinations_[fresh.destination].known = options_.classify(contact.destination);
  const auto now = contact.time_ns;
  if (!roll_up && (goes_to(subject, fresh.destination) || lost_keys(owner, now) ||
                   went_there(owner.facts, fresh.destination, now)))
    fresh.flags |= BeaconKey::kPairKnown;
  return add_key(fresh);
}

BeaconTable::Slot BeaconTable::add_key(BeaconKey key) {
  Slot slot;
  if (free_.empty()) {
    slot = static_cast<Slot>(keys_.size());
    keys_.emplace_back();
  } else {
    slot = free_.back();
    free_.pop_back();
  }
  auto& destination = destinations_[key.destination];
  if (!goes_to(key.subject, key.destination)) ++destination.subjects;
  ++destination.keys;
  ++containers_[key.container];
  subjects_[key.subject].keys.push_back(slot);
  keys_[slot] = key;
  index_.emplace(identity(key), slot);
  link(slot);
  return slot;
}

bool BeaconTable::goes_to(Slot subject, std::uint16_t destination) const {
  return std::ranges::any_of(subjects_[subject].keys, [&](Slot slot) {
    return slot != kNone && keys_[slot].destination == destination;
  });
}

// It may have gone lately where nothing says so any longer. What went for room longer ago would
// have come back if the program still went there: a busy program must not be beyond surprise for
// ever.
bool BeaconTable::lost_keys(const SubjectRecord& record, WallNs now) const {
  return record.forgotten_s != 0 &&
         now - WallNs{record.forgotten_s} * kNsPerSecond < long_as(kForgottenS);
}

void BeaconTable::note_loss(SubjectRecord& record, WallNs now) {
  record.forgotten_s = static_cast<std::uint32_t>(std::max<WallNs>(now / kNsPerSecond, 1));
}

// A version before did, or lost keys lately, so that it may have.
bool BeaconTable::went_there(const BeaconSubject& subject, std::uint16_t destination,
                             WallNs now) const {
  const auto may_have = [&](const Sha256& version) {
    const auto slot = subjects_.find(version);
    return slot != kNone && (lost_keys(subjects_[slot], now) || goes_to(slot, destination));
  };
  return (subject.before && may_have(*subject.before)) ||
         std::ranges::any_of(subject.earlier, may_have);
}

void BeaconTable::note(Slot slot, const BeaconContact& contact) {
  auto& key = keys_[slot];
  key.timing.on_contact(contact.time_ns, options_.time_scale);
  if (contact.failed) ++key.failed;
  if (contact.unnamed_public) key.flags |= BeaconKey::kUnnamed;
  if (contact.name_said_only) key.flags |= BeaconKey::kNameSaidOnly;
  if (contact.indicator)
    key.flags |= *contact.indicator == Evidence::kIndicatorFresh ? BeaconKey::kIndicatorFresh
                                                                 : BeaconKey::kIndicatorStale;
  unlink(slot);
  link(slot);
}

void BeaconTable::feed_roll_up(Slot slot, const BeaconContact& contact) {
  note(slot, contact);
  auto& owner = subjects_[keys_[slot].subject];
  const auto where = std::hash<std::string>()(contact.destination);
  if (owner.rare_last != where && owner.rare_last != 0) ++owner.rare_changes;
  owner.rare_last = where;
}

// ---- Room

// Junk by the hundred must not hide where a program calls home: what it went to once or twice goes
// before what it keeps going to.
bool BeaconTable::make_own_room(SubjectRecord& owner, WallNs now) {
  constexpr std::uint32_t kFewContacts = 2;
  const auto rank = [&](Slot slot) {
    const auto& key = keys_[slot];
    return std::tuple(key.timing.contacts() > kFewContacts, key.timing.last_ns());
  };
  Slot victim = kNone;
  for (const auto slot : owner.keys)
    if (!keys_[slot].has(BeaconKey::kRollUp) && (victim == kNone || rank(slot) < rank(victim)))
      victim = slot;
  if (victim == kNone || owner.keys.size() < 2) return false;
  ++counters_.beyond_quota;
  note_loss(owner, now);
  remove(victim);
  return true;
}

void BeaconTable::make_room(WallNs now) {
  const auto forgotten = [&](Slot slot) {
    return now - keys_[slot].timing.last_ns() >= long_as(kPinnedS);
  };
  Slot victim = owned_.oldest;
  if (victim != kNone || forgotten(others_.oldest)) {
    if (victim == kNone) victim = others_.oldest;
    ++counters_.evicted_owned;
  } else {
    victim = others_.oldest;
    ++counters_.evicted_pinned;
  }
  note_loss(subjects_[keys_[victim].subject], now);
  remove(victim);
}

void BeaconTable::remove(Slot slot) {
  unlink(slot);
  const BeaconKey key = keys_[slot];
  index_.erase(identity(key));
  courses_.erase(slot);
  keys_[slot] = {};
  free_.push_back(slot);
  auto& owner = subjects_[key.subject];
  std::erase(owner.keys, slot);
  if (owner.best_key == slot) owner.best_key = kNone, owner.best_beacon = 0;
  auto& destination = destinations_[key.destination];
  if (!goes_to(key.subject, key.destination)) --destination.subjects;
  if (--destination.keys == 0) destinations_.erase(key.destination);
  if (--containers_[key.container] == 0) containers_.erase(key.container);
  if (owner.keys.empty()) subjects_.erase(key.subject);
}

BeaconTable::Order& BeaconTable::order_of(const BeaconKey& key) {
  return key.has(BeaconKey::kOwnedOrder) ? owned_ : others_;
}

void BeaconTable::link(Slot slot) {
  auto& key = keys_[slot];
  // Remembered, because ownership may become known between linking and unlinking.
  const bool owned = subjects_[key.subject].facts.package_owned;
  key.flags = static_cast<std::uint16_t>(owned ? key.flags | BeaconKey::kOwnedOrder
                                               : key.flags & ~BeaconKey::kOwnedOrder);
  auto& order = order_of(key);
  key.older = order.newest;
  key.newer = kNone;
  (order.newest == kNone ? order.oldest : keys_[order.newest].newer) = slot;
  order.newest = slot;
}

void BeaconTable::unlink(Slot slot) {
  const auto& key = keys_[slot];
  auto& order = order_of(key);
  (key.older == kNone ? order.oldest : keys_[key.older].newer) = key.newer;
  (key.newer == kNone ? order.newest : keys_[key.newer].older) = key.older;
}

// ---- Reading

const SubjectRecord* BeaconTable::find_subject(const Sha256& id) const {
  const auto slot = subjects_.find(id);
  return slot == kNone ? nullptr : &subjects_[slot];
}

std::string BeaconTable::destination(const BeaconKey& key) const {
  const auto& text = destinations_.key_of(key.destination);
  return kind(key) == ContactKind::kDns ? text.substr(1) : text;
}

ContactKind BeaconTable::kind(const BeaconKey& key) const {
  const auto& text = destinations_.key_of(key.destination);
  return !text.empty() && text.front() == kDnsMark ? ContactKind::kDns : ContactKind::kConnect;
}

bool BeaconTable::restore(const SubjectRecord& subject, const Saved& saved) {
  if (index_.size() >= options_.keys_max) return false;
  const auto owner = subject_for(subject.facts);
  auto& record = subjects_[owner];
  const bool roll_up = saved.key.has(BeaconKey::kRollUp);
  record.forgotten_s = subject.forgotten_s;
  record.rare_changes = std::max(record.rare_changes, saved.rare_changes);
  BeaconKey key = saved.key;
  key.flags |= BeaconKey::kUsed;
  key.subject = owner;
  key.container = containers_.get(saved.container.substr(0, limits::kBeaconNameBytesMax));
  const auto name =
      roll_up ? std::string(kRollUpName) : destination_key(saved.destination, saved.kind);
  const bool unheard_of = destinations_.find(name) == kNone;
  key.destination = destinations_.get(name);
  if (unheard_of && !roll_up && options_.classify)
    destinations_[key.destination].known = options_.classify(saved.destination);
  if (index_.contains(identity(key))) return false;
  add_key(key);
  return true;
}

}  // namespace tocsin
