// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "beacon/table.hpp"

#include <algorithm>
#include <cmath>

#include "beacon/beacon_limits.hpp"

namespace tocsin {
namespace {

constexpr double kFollowUpS = 15 * 60, kDayS = 86'400;
constexpr double kPinnedS = 30 * kDayS;      // keys of programs that no package owns stay so long
constexpr double kFollowedS = 7 * kDayS;     // so long a follow-up counts
constexpr double kKnownBeforeS = 2 * kDayS;  // of a version, to say that it never went somewhere
constexpr double kCourseStep = 0.05;         // a change of score or probability worth a point
constexpr std::uint32_t kChattyLeast = 30;
constexpr double kRotationShare = 0.3;  // of a roll-up's contacts go elsewhere than the one before
constexpr double kRollUpMargin = 0.1;   // by which it has to be more regular than any key in it
constexpr char kDnsMark = '?';  // in front of a destination that was asked about, not contacted

std::string destination_key(std::string_view name, ContactKind kind) {
  std::string out(kind == ContactKind::kDns ? 1 : 0, kDnsMark);
  return out.append(name.substr(0, limits::kBeaconNameBytesMax));
}

// The content of the program, or of a library in it, is nobody's known work: a package's update
// that calls where the version before never did counts as such, because its record came with it.
bool nobody_vouches(const EvidenceSet& e) {
  using enum Evidence;
  return e.has(kUnowned) || e.has(kAltered) || e.has(kWrittenInContainer) ||
         e.has(kMemoryOrDeleted) || e.has(kLibrary) || (e.has(kContentChanged) && e.has(kNewPair));
}

BeaconSubject bounded(BeaconSubject subject) {
  if (subject.path.size() > limits::kBeaconPathBytesMax)
    subject.path.resize(limits::kBeaconPathBytesMax);
  return subject;
}

}  // namespace

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
  record.facts = bounded(contact.subject);
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
  if (subjects_[slot].keys.empty()) subjects_[slot].facts = bounded(subject);
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
  if (!roll_up && owner.keys.size() >= options_.destinations_max && !make_own_room(owner))
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
  if (!roll_up) {
    const auto before =
        owner.facts.before ? subjects_.find(*owner.facts.before) : decltype(subjects_)::kNone;
    if (goes_to(subject, fresh.destination) ||
        (before != kNone && goes_to(before, fresh.destination)))
      fresh.flags |= BeaconKey::kPairKnown;
  }
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

// ---- Weighing

// The program is long known, or the version before was, and neither went there.
bool BeaconTable::is_new_pair(const BeaconKey& key, WallNs now) const {
  const auto& owner = subjects_[key.subject];
  const auto& subject = owner.facts;
  if (key.has(BeaconKey::kRollUp) || key.has(BeaconKey::kPairKnown) || owner.forgotten != 0 ||
      subject.known_ns == 0)
    return false;
  const auto first = key.timing.first_ns();
  const bool long_known = now - subject.known_ns >= long_as(14 * kDayS);
  const bool changed = subject.changed_ns != 0 && first >= subject.changed_ns &&
                       subject.changed_ns - subject.known_ns >= long_as(kKnownBeforeS);
  return (long_known && now - first < long_as(7 * kDayS)) ||
         (changed && now - subject.changed_ns < long_as(30 * kDayS));
}

Assessment BeaconTable::assess(Slot slot, WallNs now) {
  const auto& key = keys_[slot];
  auto& owner = subjects_[key.subject];
  const auto& subject = owner.facts;
  const auto& destination = destinations_[key.destination];
  const bool roll_up = key.has(BeaconKey::kRollUp);
  const bool only = roll_up || destination.subjects == 1;
  const auto within = [&](WallNs since, double seconds) {
    return since != 0 && now - since < long_as(seconds);
  };
  Assessment out;
  out.score = key.timing.score(options_.time_scale);
  auto& e = out.evidence;
  e = subject.image | subject.lineage;
  e.add(Evidence::kChattyRare, only && key.timing.recent_contacts() >= kChattyLeast);
  e.add(Evidence::kLongLived, only && key.has(BeaconKey::kLongLived));
  // Another content at a known path is a change, not a newcomer.
  const bool newcomer = subject.changed_ns == 0;
  const bool first_day = newcomer && within(subject.appeared_ns, kDayS);
  e.add(Evidence::kNewProgram, first_day);
  e.add(Evidence::kYoungProgram, newcomer && !first_day && within(subject.appeared_ns, 7 * kDayS));
  e.add(Evidence::kContentChanged, within(subject.changed_ns, 30 * kDayS));
  if (!within(subject.appeared_ns, 7 * kDayS)) e.remove(Evidence::kYoungUnit);
  e.add(Evidence::kNewPair, is_new_pair(key, now));
  // A record that came with the changed content says no more than that its vendor made it.
  const bool changed = e.has(Evidence::kContentChanged) || e.has(Evidence::kLibrary);
  if (e.has(Evidence::kNewPair) && changed && e.has(Evidence::kDistroFile)) {
    e.remove(Evidence::kDistroFile);
    e.add(Evidence::kThirdPartyPackage);
  }
  e.add(Evidence::kOnlySubject, only);
  e.add(Evidence::kManySubjects, destination.subjects >= 5 && !roll_up);
  e.add(Evidence::kNoName, key.has(BeaconKey::kUnnamed));
  e.add(Evidence::kAbusedService, destination.known.abused_service);
  // That the program says a popular name proves nothing.
  e.add(Evidence::kPopular, destination.known.popular && !key.has(BeaconKey::kNameSaidOnly));
  if (within(owner.follow_up_ns, kFollowedS)) {
    e.add(Evidence::kShell, key.has(BeaconKey::kShell));
    e.add(Evidence::kUnvouched, key.has(BeaconKey::kShell) && nobody_vouches(e));
    e.add(Evidence::kFirstCommand, key.has(BeaconKey::kFirstCommand));
    e.add(Evidence::kRecon, key.has(BeaconKey::kRecon));
    e.add(Evidence::kDropped, key.has(BeaconKey::kDropped));
  }
  e.add(Evidence::kIndicatorFresh, key.has(BeaconKey::kIndicatorFresh));
  e.add(Evidence::kIndicatorStale,
        key.has(BeaconKey::kIndicatorStale) && !key.has(BeaconKey::kIndicatorFresh));
  out.fusion = fuse(out.score.beacon, e, options_.weights);
  if (options_.course) note_course(slot, out, now);

  const auto beacon = static_cast<float>(out.score.beacon);
  if (!roll_up && (owner.best_key == slot || beacon > owner.best_beacon)) {
    owner.best_key = slot;
    owner.best_beacon = beacon;
  }
  return out;
}

bool BeaconTable::speaks_for_itself(const BeaconKey& key) const {
  const auto& owner = subjects_[key.subject];
  return owner.rare_changes >= kRotationShare * key.timing.contacts() &&
         key.timing.score(options_.time_scale).beacon > owner.best_beacon + kRollUpMargin;
}

bool BeaconTable::cross(Slot slot, const Assessment& assessment, WallNs now) {
  auto& key = keys_[slot];
  if (key.has(BeaconKey::kRollUp) && !speaks_for_itself(key)) return false;
  bool news = false;
  for (std::size_t i = 0; i < static_cast<std::size_t>(assessment.fusion.level); ++i) {
    if (key.crossed_ns[i] != 0) continue;
    key.crossed_ns[i] = now;
    key.crossed_episode[i] = assessment.score.episodes;
    news = true;
  }
  return news;
}

void BeaconTable::note_course(Slot slot, const Assessment& assessment, WallNs now) {
  const BeaconPoint point{now, assessment.score.episodes, assessment.score.beacon,
                          assessment.fusion.probability};
  auto& course = courses_[slot];
  if (!course.empty() && std::abs(course.back().score - point.score) < kCourseStep &&
      std::abs(course.back().probability - point.probability) < kCourseStep)
    return;
  if (course.size() >= limits::kBeaconCoursePointsMax) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < course.size(); i += 2) course[kept++] = course[i];
    course.resize(kept);
  }
  course.push_back(point);
}

std::span<const BeaconPoint> BeaconTable::course(Slot slot) const {
  const auto it = courses_.find(slot);
  return it == courses_.end() ? std::span<const BeaconPoint>() : it->second;
}

bool BeaconTable::followed_by(const Sha256& id, BeaconKey::Flag what, WallNs now) const {
  const auto* owner = find_subject(id);
  return owner != nullptr && now - owner->follow_up_ns < long_as(kFollowedS) &&
         std::ranges::any_of(owner->keys, [&](Slot slot) { return keys_[slot].has(what); });
}

std::vector<BeaconTable::Slot> BeaconTable::follow_up(const Sha256& id, BeaconKey::Flag what,
                                                      WallNs now, std::span<const Slot> talking) {
  std::vector<Slot> marked;
  const auto slot = subjects_.find(id);
  if (slot == kNone) return marked;
  auto& owner = subjects_[slot];
  // What followed so long ago no longer counts, and must not count again.
  const bool outdated = now - owner.follow_up_ns >= long_as(kFollowedS);
  for (const auto k : owner.keys) {
    auto& key = keys_[k];
    if (outdated) key.flags &= static_cast<std::uint16_t>(~BeaconKey::kFollowUps);
    if (now - key.timing.last_ns() > long_as(kFollowUpS) &&
        std::ranges::find(talking, k) == talking.end())
      continue;
    key.flags |= what;
    marked.push_back(k);
  }
  if (!marked.empty()) owner.follow_up_ns = now;
  return marked;
}

BeaconFinding BeaconTable::finding(Slot slot, const Assessment& assessment) const {
  const auto& key = keys_[slot];
  const auto& subject = subjects_[key.subject].facts;
  BeaconFinding out;
  out.subject_kind = subject.kind;
  out.subject_path = subject.path;
  out.subject_id = subject.id;
  out.container = container(key);
  out.destination = destination(key);
  out.port = key.port;
  out.kind = kind(key);
  out.contacts = key.timing.contacts();
  out.failed = key.failed;
  out.score = assessment.score;
  out.fusion = assessment.fusion;
  out.because = reasons(assessment.evidence, options_.weights);
  out.first_ns = key.timing.first_ns();
  out.last_ns = key.timing.last_ns();
  out.crossed_ns = key.crossed_ns;
  out.crossed_episode = key.crossed_episode;
  for (std::size_t i = 0; i < key.crossed_ns.size(); ++i)
    if (key.crossed_ns[i] != 0) out.verdict = static_cast<BeaconLevel>(i + 1);
  return out;
}

// ---- Room

// Junk by the hundred must not hide where a program calls home: what it went to once or twice goes
// before what it keeps going to.
bool BeaconTable::make_own_room(SubjectRecord& owner) {
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
  ++owner.forgotten;
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
  ++subjects_[keys_[victim].subject].forgotten;
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
  record.forgotten = subject.forgotten;
  record.follow_up_ns = subject.follow_up_ns;
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
