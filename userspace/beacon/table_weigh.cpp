// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// What the table's keys add up to, and what follows below their programs.
#include <algorithm>
#include <cmath>

#include "beacon/beacon_limits.hpp"
#include "beacon/table.hpp"

namespace tocsin {
namespace {

constexpr double kFollowUpS = 15 * 60, kDayS = 86'400;
constexpr double kFollowedS = 7 * kDayS;     // so long a follow-up counts
constexpr double kKnownBeforeS = 2 * kDayS;  // of a version, to say that it never went somewhere
constexpr double kCourseStep = 0.05;         // a change of score or probability worth a point
constexpr std::uint32_t kChattyLeast = 30;
constexpr double kRotationShare = 0.3;  // of a roll-up's contacts go elsewhere than the one before
constexpr double kRollUpMargin = 0.1;   // by which it has to be more regular than any key in it

// The content of the program, or of a library in it, is nobody's known work: a package's update
// that calls where the version before never did counts as such, because its record came with it.
// Nor does the interpreter's package vouch for what somebody told it to do.
bool nobody_vouches(const EvidenceSet& e, SubjectKind kind) {
  using enum Evidence;
  return kind == SubjectKind::kCommand || e.has(kUnowned) || e.has(kAltered) ||
         e.has(kWrittenInContainer) || e.has(kMemoryOrDeleted) || e.has(kLibrary) ||
         (e.has(kContentChanged) && e.has(kNewPair));
}

}  // namespace

// The program is long known, or the version before was, and neither went there.
bool BeaconTable::is_new_pair(const BeaconKey& key, WallNs now) const {
  const auto& subject = subjects_[key.subject].facts;
  if (key.has(BeaconKey::kRollUp) || key.has(BeaconKey::kPairKnown) || subject.known_ns == 0)
    return false;
  const auto first = key.timing.first_ns();
  const bool long_known = now - subject.known_ns >= long_as(14 * kDayS);
  const bool changed = subject.changed_ns != 0 && first >= subject.changed_ns &&
                       subject.changed_ns - subject.known_ns >= long_as(kKnownBeforeS);
  return (long_known && now - first < long_as(7 * kDayS)) ||
         (changed && now - subject.changed_ns < long_as(30 * kDayS));
}

bool BeaconTable::follow_up_counts(const BeaconKey& key, WallNs now) const {
  return key.follow_up_ns != 0 && now - key.follow_up_ns < long_as(kFollowedS);
}

// What is known beside the regularity itself.
EvidenceSet BeaconTable::evidence(const BeaconKey& key, WallNs now) const {
  const auto& subject = subjects_[key.subject].facts;
  const auto& destination = destinations_[key.destination];
  const bool roll_up = key.has(BeaconKey::kRollUp);
  const bool only = roll_up || destination.subjects == 1;
  const auto within = [&](WallNs since, double seconds) {
    return since != 0 && now - since < long_as(seconds);
  };
  auto e = subject.image | subject.lineage;
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
  if (follow_up_counts(key, now)) {
    e.add(Evidence::kShell, key.has(BeaconKey::kShell));
    e.add(Evidence::kUnvouched, key.has(BeaconKey::kShell) && nobody_vouches(e, subject.kind));
    e.add(Evidence::kFirstCommand, key.has(BeaconKey::kFirstCommand));
    e.add(Evidence::kRecon, key.has(BeaconKey::kRecon));
    e.add(Evidence::kDropped, key.has(BeaconKey::kDropped));
  }
  e.add(Evidence::kIndicatorFresh, key.has(BeaconKey::kIndicatorFresh));
  e.add(Evidence::kIndicatorStale,
        key.has(BeaconKey::kIndicatorStale) && !key.has(BeaconKey::kIndicatorFresh));
  return e;
}

Assessment BeaconTable::assess(Slot slot, WallNs now) {
  const auto& key = keys_[slot];
  auto& owner = subjects_[key.subject];
  Assessment out;
  out.score = key.timing.score(options_.time_scale);
  out.evidence = evidence(key, now);
  out.fusion = fuse(out.score.beacon, out.evidence, options_.weights);
  if (options_.course) note_course(slot, out, now);

  const auto beacon = static_cast<float>(out.score.beacon);
  if (!key.has(BeaconKey::kRollUp) && (owner.best_key == slot || beacon > owner.best_beacon)) {
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

BeaconLevel BeaconTable::level(Slot slot, const Assessment& assessment) const {
  const auto& key = keys_[slot];
  const bool explained = key.has(BeaconKey::kRollUp) && !speaks_for_itself(key);
  return explained ? BeaconLevel::kNone : assessment.fusion.level;
}

bool BeaconTable::cross(Slot slot, const Assessment& assessment, WallNs now) {
  auto& key = keys_[slot];
  const auto reached = static_cast<std::size_t>(level(slot, assessment));
  bool news = false;
  for (std::size_t i = 0; i < reached; ++i) {
    if (key.crossed_ns[i] != 0) continue;
    key.crossed_ns[i] = now;
    key.crossed_episode[i] = assessment.score.episodes;
    news = true;
  }
  return news;
}

void BeaconTable::note_told(Slot slot, bool told) {
  auto& flags = keys_[slot].flags;
  flags = static_cast<std::uint16_t>(told ? flags & ~BeaconKey::kSilenced
                                          : flags | BeaconKey::kSilenced);
}

void BeaconTable::forget_crossings(Slot slot) {
  auto& key = keys_[slot];
  key.crossed_ns = {};
  key.crossed_episode = {};
  note_told(slot, /*told=*/true);
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

bool BeaconTable::followed_by(const FollowUp& what) const {
  const auto* owner = find_subject(what.subject.id);
  return owner != nullptr && std::ranges::any_of(owner->keys, [&](Slot slot) {
           const auto& key = keys_[slot];
           return key.has(what.what) && follow_up_counts(key, what.now_ns) &&
                  container(key) == what.container;
         });
}

std::vector<BeaconTable::Slot> BeaconTable::follow_up(const FollowUp& what,
                                                      std::span<const Slot> talking) {
  std::vector<Slot> marked;
  const auto slot = subjects_.find(what.subject.id);
  const auto where = containers_.find(what.container.substr(0, limits::kBeaconNameBytesMax));
  if (slot == kNone || where == kNone) return marked;
  for (const auto k : subjects_[slot].keys) {
    auto& key = keys_[k];
    if (key.container != where) continue;
    if (what.now_ns - key.timing.last_ns() > long_as(kFollowUpS) &&
        std::ranges::find(talking, k) == talking.end())
      continue;
    // What followed so long ago no longer counts, and must not count again.
    if (!follow_up_counts(key, what.now_ns))
      key.flags &= static_cast<std::uint16_t>(~BeaconKey::kFollowUps);
    key.flags |= what.what;
    key.follow_up_ns = what.now_ns;
    marked.push_back(k);
  }
  // The same content may have been something else in another container.
  if (!marked.empty()) describe(subjects_[slot], what.subject);
  return marked;
}

// From its first run, or from the update since which it goes there.
std::optional<double> BeaconTable::dormant_s(const BeaconKey& key) const {
  if (key.has(BeaconKey::kRollUp) || key.has(BeaconKey::kPairKnown)) return std::nullopt;
  const auto& subject = subjects_[key.subject].facts;
  const auto first = key.timing.first_ns();
  const bool updated = subject.changed_ns != 0 && subject.changed_ns <= first;
  const auto since = updated ? subject.changed_ns : subject.appeared_ns;
  if (since == 0 || since > first) return std::nullopt;
  return static_cast<double>(first - since) / static_cast<double>(kNsPerSecond);
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
  out.intervals_s = key.timing.intervals();
  out.dormant_s = dormant_s(key);
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

}  // namespace tocsin
