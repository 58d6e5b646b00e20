// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "beacon/known_programs.hpp"

#include "base/sha256_of.hpp"
#include "beacon/beacon_limits.hpp"
#include "support/test.hpp"

using namespace tocsin;

namespace {

constexpr WallNs kStart = 1'700'000'000 * kNsPerSecond;
constexpr WallNs kDay = 86'400 * kNsPerSecond;

BeaconSubject told(KnownPrograms& known, const Sha256& id, const std::string& path) {
  BeaconSubject subject;
  subject.id = id;
  subject.path = path;
  known.tell("", subject);
  return subject;
}

}  // namespace

TEST_CASE("what was there when coverage began is of unknown age") {
  KnownPrograms known;
  known.begin_coverage(kStart);
  const auto early = sha256_of("early"), late = sha256_of("late"), ran = sha256_of("ran");
  known.see({.id = early, .container = "", .path = "/early", .now_ns = kStart + 60 * kNsPerSecond});
  known.see({.id = late, .container = "", .path = "/late", .now_ns = kStart + kDay});
  known.see(
      {.id = ran, .container = "", .path = "/ran", .ran_before = true, .now_ns = kStart + kDay});
  CHECK(told(known, early, "/early").appeared_ns == 0);
  CHECK(told(known, late, "/late").appeared_ns == kStart + kDay);
  CHECK(told(known, ran, "/ran").appeared_ns == 0);
  CHECK(told(known, early, "/early").known_ns == kStart + 60 * kNsPerSecond);
}

TEST_CASE("what a clock that was ahead said is put right") {
  KnownPrograms known;
  const auto id = sha256_of("agent");
  known.begin_coverage(kStart + 30 * kDay);
  known.see({.id = id, .container = "", .path = "/agent", .now_ns = kStart + 31 * kDay});
  known.begin_coverage(kStart);
  CHECK(known.coverage().since_ns == kStart);
  known.see({.id = id, .container = "", .path = "/agent", .now_ns = kStart + kDay});
  CHECK(told(known, id, "/agent").known_ns == kStart + kDay);
  CHECK(told(known, id, "/agent").appeared_ns == kStart + kDay);
}

TEST_CASE("the file's change time tells an old file from a new one") {
  KnownPrograms known;
  known.begin_coverage(kStart);
  const auto see = [&](const char* name, std::int64_t ctime, WallNs now) {
    const auto id = sha256_of(name);
    return known.see({.id = id, .container = "", .path = name, .ctime_ns = ctime, .now_ns = now})
        .appeared_ns;
  };
  CHECK(see("written while watched", kStart + kNsPerSecond, kStart + 2 * kNsPerSecond) != 0);
  CHECK(see("weekly job, old file", kStart - 90 * kDay, kStart + 2 * kDay) == 0);
  CHECK(see("old file nobody ran for a week", kStart - 90 * kDay, kStart + 8 * kDay) != 0);
}

TEST_CASE("beyond the limit, what may have been forgotten is of unknown age, not new") {
  KnownPrograms known;
  known.begin_coverage(kStart);
  const auto see = [&](const std::string& name, std::int64_t ctime, WallNs now) {
    const auto id = sha256_of(name);
    return known.see({.id = id, .container = "", .path = name, .ctime_ns = ctime, .now_ns = now})
        .appeared_ns;
  };
  const WallNs once = kStart + kDay;
  CHECK(see("tool", kStart - kDay, once) == 0);
  CHECK(see("job", once - kNsPerSecond, once) != 0);
  // A build host executes more than fits; each of its programs is new.
  for (std::size_t i = 0; i < limits::kKnownProgramsMax; ++i) {
    const auto now = once + kDay + static_cast<WallNs>(i) * kNsPerSecond;
    REQUIRE(see("made " + std::to_string(i), now - kNsPerSecond, now) != 0);
  }
  CHECK(known.forgotten() == 2);
  // Was new once, is not new again; what was written after the last use of all that went is.
  CHECK(see("job", once - kNsPerSecond, once + 2 * kDay) == 0);
  CHECK(see("written since", once + 2 * kDay, once + 2 * kDay + 1) != 0);
}

TEST_CASE("another content at a path is a change, and the path stays known") {
  KnownPrograms known;
  const auto v1 = sha256_of("v1"), v2 = sha256_of("v2");
  known.see({.id = v1, .container = "", .path = "/opt/app", .now_ns = kStart});
  known.see({.id = v1, .container = "", .path = "/opt/app", .now_ns = kStart + kDay});
  CHECK(told(known, v1, "/opt/app").changed_ns == 0);
  known.see({.id = v2, .container = "", .path = "/opt/app", .now_ns = kStart + 9 * kDay});
  const auto now = told(known, v2, "/opt/app");
  CHECK(now.changed_ns == kStart + 9 * kDay);
  CHECK(now.known_ns == kStart);
  CHECK(now.before == v1);
  // The same path in a container is another file.
  known.see({.id = v1, .container = "abc", .path = "/opt/app", .now_ns = kStart + 9 * kDay});
  CHECK(told(known, v2, "/opt/app").changed_ns == kStart + 9 * kDay);
}

TEST_CASE("the versions before the one before are remembered, so many") {
  KnownPrograms known;
  std::vector<Sha256> versions;
  for (int i = 0; i < 10; ++i) {
    versions.push_back(sha256_of("version " + std::to_string(i)));
    known.see(
        {.id = versions.back(), .container = "", .path = "/opt/app", .now_ns = kStart + i * kDay});
  }
  const auto now = told(known, versions[9], "/opt/app");
  CHECK(now.before == versions[8]);
  REQUIRE(now.earlier.size() == limits::kEarlierVersionsMax);
  CHECK(now.earlier.front() == versions[7]);
  CHECK(now.earlier.back() == versions[2]);
}

TEST_CASE("a new version keeps the habits of the one before") {
  KnownPrograms programs;
  const auto one = sha256_of("one"), two = sha256_of("two"), other = sha256_of("other");
  programs.see({.id = one, .container = "", .path = "/opt/x", .now_ns = kStart}).ran_command = true;
  programs.find(one)->looked_around = true;
  programs.see({.id = two, .container = "", .path = "/opt/x", .now_ns = kStart + 1});
  CHECK(programs.find(two)->ran_command);
  CHECK(programs.find(two)->looked_around);
  CHECK_FALSE(programs.see({.id = other, .container = "", .path = "/opt/y", .now_ns = kStart + 2})
                  .ran_command);
}

TEST_CASE("what was forgotten before a restart, or is forgotten after it, is not new") {
  const auto old_file = kStart + 5 * kDay;
  const auto appeared = [&](KnownPrograms& known, const std::string& name, WallNs now) {
    const auto id = sha256_of(name);
    return known.see({.id = id, .container = "", .path = name, .ctime_ns = old_file, .now_ns = now})
        .appeared_ns;
  };
  const auto fill = [&](KnownPrograms& known, const char* name, WallNs now) {
    for (std::size_t i = 0; i <= limits::kKnownProgramsMax; ++i)
      appeared(known, name + std::to_string(i), now);
  };
  KnownPrograms before;
  before.begin_coverage(kStart);
  fill(before, "a", kStart + 6 * kDay);
  REQUIRE(before.forgotten() > 0);
  KnownPrograms after;
  after.restore(before.coverage());
  after.begin_coverage(kStart + 7 * kDay);
  CHECK(appeared(after, "a0", kStart + 7 * kDay) == 0);

  // Restored records do not say when they were used last: until the restart, at most.
  KnownPrograms later;
  later.restore(KnownPrograms::Coverage{.since_ns = kStart});
  later.restore(1, KnownPrograms::Content{.seen_ns = kStart + kDay});
  later.begin_coverage(kStart + 7 * kDay);
  fill(later, "b", kStart + 7 * kDay);
  REQUIRE(later.forgotten() > 0);
  CHECK(later.coverage().forgotten_until_ns >= kStart + 7 * kDay);
  CHECK(appeared(later, "forgotten", kStart + 7 * kDay + 60 * kNsPerSecond) == 0);
}

TEST_CASE("a program never seen is told nothing about") {
  KnownPrograms known;
  const auto subject = told(known, sha256_of("x"), "/x");
  CHECK(subject.appeared_ns == 0);
  CHECK(subject.known_ns == 0);
  CHECK(known.find(sha256_of("x")) == nullptr);
}
