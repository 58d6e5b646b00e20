// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "beacon/state_records.hpp"

#include "beacon/beacon_limits.hpp"

namespace tocsin {
namespace {

constexpr float kWeightMost = 64.5F;  // of a decayed sum of ones

void write_versions(StateWriter& w, const std::optional<Sha256>& before,
                    const std::vector<Sha256>& earlier) {
  w.number(static_cast<std::uint8_t>(before ? 1 + earlier.size() : 0));
  if (!before) return;
  w.digest(*before);
  for (const auto& version : earlier) w.digest(version);
}

void read_versions(StateReader& r, std::optional<Sha256>& before, std::vector<Sha256>& earlier) {
  const auto count = r.in().u8();
  if (count > 1 + limits::kEarlierVersionsMax) return r.wrong("a count of versions");
  if (count == 0) return;
  before = r.digest();
  earlier.resize(count - 1U);
  for (auto& version : earlier) version = r.digest();
}

}  // namespace

struct BeaconTimingCodec {
  static void write(StateWriter& w, const BeaconTiming& t) {
    for (std::size_t i = 0; i < t.scales_.size(); ++i) {
      const auto& s = t.scales_[i];
      w.number(t.last_ns_[i]).real(s.weight).real(s.sum).real(s.log_sum);
      w.number(s.episodes).number(s.outages);
    }
    w.number(t.first_ns_).number(t.contacts_);
    for (const auto hours : t.hours_) w.number(hours);
    w.real(t.size_weight_).real(t.size_mean_).real(t.size_spread_);
    w.raw(std::as_bytes(std::span(t.minutes_)));
    for (const auto interval : t.intervals_) w.number(interval);
  }

  static BeaconTiming read(StateReader& r) {
    BeaconTiming t;
    for (std::size_t i = 0; i < t.scales_.size(); ++i) {
      auto& s = t.scales_[i];
      t.last_ns_[i] = r.time();
      s.weight = r.real(0, kWeightMost);
      s.sum = r.real(0, 1e12F);
      s.log_sum = r.real(-1e6F, 1e6F);
      s.episodes = r.in().u32();
      s.outages = r.in().u32();
      if (s.weight >= 1 && s.sum <= 0) r.wrong("a sum");
    }
    t.first_ns_ = r.time();
    t.contacts_ = r.in().u32();
    for (auto& hours : t.hours_) hours = r.u64();
    t.size_weight_ = r.real(0, kWeightMost);
    t.size_mean_ = r.real(0, 100);
    t.size_spread_ = r.real(0, 1e9F);
    for (auto& minute : t.minutes_) minute = r.in().u8();
    for (auto& interval : t.intervals_) interval = r.in().u16();
    return t;
  }
};

void write_coverage(StateWriter& w, const KnownPrograms::Coverage& coverage) {
  w.number(coverage.since_ns).number(coverage.forgotten_until_ns).number(coverage.forgotten);
}

KnownPrograms::Coverage read_coverage(StateReader& r) {
  KnownPrograms::Coverage out;
  out.since_ns = r.time();
  out.forgotten_until_ns = r.time();
  out.forgotten = r.u64();
  return out;
}

void write_content(StateWriter& w, std::uint64_t key, const KnownPrograms::Content& c) {
  w.number(key).number(c.seen_ns).number(c.appeared_ns);
  w.number(static_cast<std::uint8_t>((c.ran_command ? 1 : 0) | (c.looked_around ? 2 : 0)));
}

SavedContent read_content(StateReader& r) {
  SavedContent out;
  out.first = r.u64();
  auto& c = out.second;
  c.seen_ns = r.time();
  c.appeared_ns = r.time();
  const auto habits = r.in().u8();
  c.ran_command = (habits & 1) != 0;
  c.looked_around = (habits & 2) != 0;
  return out;
}

void write_path(StateWriter& w, std::uint64_t key, const KnownPrograms::Path& p) {
  w.number(key).digest(p.content);
  write_versions(w, p.before, p.earlier);
  w.number(p.seen_ns).number(p.changed_ns);
}

SavedPath read_path(StateReader& r) {
  SavedPath out;
  out.first = r.u64();
  auto& p = out.second;
  p.content = r.digest();
  read_versions(r, p.before, p.earlier);
  p.seen_ns = r.time();
  p.changed_ns = r.time();
  return out;
}

void write_subject(StateWriter& w, const SubjectRecord& record) {
  const auto& s = record.facts;
  w.digest(s.id).number(static_cast<std::uint8_t>(s.kind)).text(s.path);
  w.number(static_cast<std::uint8_t>(s.package_owned ? 1 : 0));
  w.number(s.image.bits()).number(s.lineage.bits());
  w.number(s.appeared_ns).number(s.known_ns).number(s.changed_ns);
  write_versions(w, s.before, s.earlier);
  w.number(record.forgotten_s).number(record.rare_changes);
}

SubjectRecord read_subject(StateReader& r) {
  SubjectRecord record;
  auto& s = record.facts;
  s.id = r.digest();
  const auto kind = r.in().u8();
  if (kind > static_cast<std::uint8_t>(SubjectKind::kAddress)) r.wrong("a kind of program");
  s.kind = static_cast<SubjectKind>(kind);
  s.path = r.text(limits::kBeaconPathBytesMax);
  s.package_owned = r.in().u8() != 0;
  s.image = EvidenceSet::of(r.u64());
  s.lineage = EvidenceSet::of(r.u64());
  s.appeared_ns = r.time();
  s.known_ns = r.time();
  s.changed_ns = r.time();
  read_versions(r, s.before, s.earlier);
  record.forgotten_s = r.in().u32();
  record.rare_changes = r.in().u32();
  return record;
}

void write_key(StateWriter& w, const BeaconTable& table, const BeaconKey& key) {
  w.text(table.container(key)).text(table.destination(key));
  w.number(static_cast<std::uint8_t>(table.kind(key))).number(key.port);
  w.number(key.flags).number(key.failed).number(key.follow_up_ns);
  for (std::size_t i = 0; i < key.crossed_ns.size(); ++i)
    w.number(key.crossed_ns[i]).number(key.crossed_episode[i]);
  BeaconTimingCodec::write(w, key.timing);
}

SavedKey read_key(StateReader& r) {
  SavedKey out;
  out.subject = r.in().u32();
  auto& saved = out.key;
  auto& key = saved.key;
  saved.container = r.text(limits::kBeaconNameBytesMax);
  saved.destination = r.text(limits::kBeaconNameBytesMax);
  const auto kind = r.in().u8();
  if (kind > static_cast<std::uint8_t>(ContactKind::kDns)) r.wrong("a kind of contact");
  saved.kind = static_cast<ContactKind>(kind);
  key.port = r.in().u16();
  key.flags = r.in().u16();
  key.failed = r.in().u32();
  key.follow_up_ns = r.time();
  for (std::size_t i = 0; i < key.crossed_ns.size(); ++i) {
    key.crossed_ns[i] = r.time();
    key.crossed_episode[i] = r.in().u32();
  }
  key.timing = BeaconTimingCodec::read(r);
  return out;
}

}  // namespace tocsin
