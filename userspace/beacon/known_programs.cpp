// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "beacon/known_programs.hpp"

#include <algorithm>
#include <cstring>

#include "base/sha256_of.hpp"

namespace tocsin {
namespace {

// Without a change time of the file, what is seen so early was probably there before.
constexpr double kStartS = 600;
// A file older than the coverage that nobody executed for so long is new as a program.
constexpr double kUnusedS = 7 * 86'400;

std::uint64_t short_key(const Sha256& digest) {
  std::uint64_t key;
  std::memcpy(&key, digest.bytes.data(), sizeof key);
  return key;
}

std::uint64_t path_key(const std::string& container, const std::string& path) {
  return short_key(sha256_of(container + '\0' + path));
}

constexpr auto kForget = [](const auto&, const auto&) {};

}  // namespace

bool KnownPrograms::covered(WallNs until_ns, double seconds) const {
  return static_cast<double>(until_ns - whole_since_ns()) >= seconds / time_scale_ * kNsPerSecond;
}

WallNs KnownPrograms::appeared(const Sighting& s) const {
  bool known = forgotten_ == 0 && covered(s.now_ns, kStartS);
  if (s.ctime_ns) known = *s.ctime_ns >= whole_since_ns() || covered(s.now_ns, kUnusedS);
  return known && !s.ran_before ? s.now_ns : 0;
}

KnownPrograms::Content& KnownPrograms::record_of(const Sha256& id) {
  return contents_.get(short_key(id), [&](std::uint64_t, const Content& gone) {
    ++forgotten_;
    forgotten_until_ns_ = std::max({forgotten_until_ns_, gone.used_ns, run_ns_});
  });
}

KnownPrograms::Content& KnownPrograms::see(const Sighting& s) {
  begin_coverage(s.now_ns);
  auto& content = record_of(s.id);
  content.used_ns = s.now_ns;
  if (content.seen_ns == 0) {
    content.seen_ns = s.now_ns;
    content.appeared_ns = appeared(s);
  }
  // Saved by a clock that was ahead.
  content.seen_ns = std::min(content.seen_ns, s.now_ns);
  content.appeared_ns = std::min(content.appeared_ns, s.now_ns);
  if (s.path.empty()) return content;
  auto& path = paths_.get(path_key(s.container, s.path), kForget);
  path.seen_ns = std::min(path.seen_ns, s.now_ns);
  path.changed_ns = std::min(path.changed_ns, s.now_ns);
  if (path.seen_ns == 0) {
    path.seen_ns = s.now_ns;
    path.content = s.id;
  } else if (path.content != s.id) {
    // A new version keeps the habits of the one before.
    if (const auto* before = contents_.find(short_key(path.content))) {
      content.ran_command = content.ran_command || before->ran_command;
      content.looked_around = content.looked_around || before->looked_around;
    }
    if (path.before) path.earlier.insert(path.earlier.begin(), *path.before);
    if (path.earlier.size() > limits::kEarlierVersionsMax) path.earlier.pop_back();
    path.before = path.content;
    path.content = s.id;
    path.changed_ns = s.now_ns;
  }
  return content;
}

void KnownPrograms::tell(const std::string& container, BeaconSubject& subject) {
  if (const auto* content = contents_.find(short_key(subject.id))) {
    subject.appeared_ns = content->appeared_ns;
    subject.known_ns = content->seen_ns;
  }
  const auto* path = paths_.find(path_key(container, subject.path));
  if (path == nullptr || path->content != subject.id) return;
  subject.known_ns = std::min(subject.known_ns, path->seen_ns);
  subject.changed_ns = path->changed_ns;
  subject.before = path->before;
  subject.earlier = path->earlier;
}

KnownPrograms::Content* KnownPrograms::find(const Sha256& id) {
  return contents_.find(short_key(id));
}

void KnownPrograms::for_each(const std::function<void(std::uint64_t, const Content&)>& content,
                             const std::function<void(std::uint64_t, const Path&)>& path) const {
  contents_.for_each(content);
  paths_.for_each(path);
}

void KnownPrograms::restore(const Coverage& coverage) {
  coverage_ns_ = coverage.since_ns;
  forgotten_until_ns_ = coverage.forgotten_until_ns;
  forgotten_ = coverage.forgotten;
}

void KnownPrograms::restore(std::uint64_t key, const Content& content) {
  contents_.get(key, kForget) = content;
}

void KnownPrograms::restore(std::uint64_t key, const Path& path) {
  paths_.get(key, kForget) = path;
}

}  // namespace tocsin
