// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "beacon/timing.hpp"

#include "support/test.hpp"

using namespace tocsin;

namespace {

constexpr WallNs kStart = 1'700'000'000 * kNsPerSecond;

WallNs at(double seconds) {
  return kStart + static_cast<WallNs>(seconds * kNsPerSecond);
}

BeaconTiming every(double period, int contacts) {
  BeaconTiming timing;
  for (int i = 0; i < contacts; ++i) timing.on_contact(at(period * i));
  return timing;
}

}  // namespace

TEST_CASE("seven exact contacts are enough, six are not") {
  CHECK(every(60, 6).score().timing == 0);
  const auto score = every(60, 7).score();
  CHECK(score.timing == 1);
  CHECK(score.episodes == 7);
  CHECK(*score.period_s == Approx(60));
  CHECK(*score.jitter == Approx(0).margin(0.01));
  CHECK_FALSE(score.size);
  // One active hour of twelve, no sizes: (0.55 + 0.25 / 12) / 0.8.
  CHECK(score.beacon == Approx((0.55 + 0.25 / 12) / 0.8));
}

TEST_CASE("persistence counts hours, and episodes where hours say nothing") {
  CHECK(every(600, 40).score().persistence == Approx(7.0 / 12));
  CHECK(every(600, 80).score().persistence == 1);
  CHECK(every(6 * 3600, 8).score().persistence == Approx(0.5));
  CHECK(every(6 * 3600, 16).score().persistence == 1);
}

TEST_CASE("hours older than a week are forgotten") {
  BeaconTiming timing = every(600, 80);
  timing.on_contact(at(600 * 80 + 8 * 86'400));
  for (int i = 1; i < 4; ++i) timing.on_contact(at(600 * 80 + 8 * 86'400 + 600 * i));
  CHECK(timing.score().persistence <= Approx(2.0 / 12));
}

TEST_CASE("a burst is one episode at the scale that spans it") {
  BeaconTiming timing;
  for (int session = 0; session < 10; ++session)
    for (int i = 0; i < 5; ++i) timing.on_contact(at(900.0 * session + 7.0 * i));
  const auto score = timing.score();
  CHECK(score.timing == 1);
  CHECK(score.episodes == 10);
  CHECK(*score.period_s == Approx(900).margin(30));  // idle time and merge gap
}

TEST_CASE("retries of a failing connection do not look like a timer") {
  // Three tries five seconds apart, at times that nothing orders.
  BeaconTiming timing;
  double time = 0;
  const std::vector<double> pauses = {40,   2000, 130,  9000, 700,  65,   300, 5200, 90,
                                      1500, 80,   4000, 250,  7000, 1100, 70,  600,  3300};
  for (const double pause : pauses) {
    for (int i = 0; i < 3; ++i) timing.on_contact(at(time + 5.0 * i));
    time += 10 + pause;
  }
  CHECK(timing.score().beacon < 0.3);
}

TEST_CASE("an outage does not spoil what was regular, many do") {
  BeaconTiming timing = every(60, 30);
  for (int i = 0; i < 30; ++i) timing.on_contact(at(86'400 + 60.0 * i));
  CHECK(timing.score().timing == 1);
  BeaconTiming broken;
  double time = 0;
  const std::vector<double> pauses = {900, 40'000, 2'500, 90'000, 1'300, 9'000, 700, 20'000};
  for (std::size_t i = 0; i < 64; ++i)
    broken.on_contact(at(time += i % 4 == 3 ? pauses[i / 4 % 8] : 61));
  CHECK(broken.score().timing == 0);
}

TEST_CASE("sizes weigh in once three connections told theirs") {
  BeaconTiming timing = every(60, 20);
  timing.on_size(512);
  timing.on_size(512);
  CHECK_FALSE(timing.score().size);
  timing.on_size(512);
  CHECK(*timing.score().size == Approx(1));
  const double same = timing.score().beacon;
  for (int i = 0; i < 30; ++i) timing.on_size(i % 2 == 0 ? 40 : 2'000'000);
  CHECK(*timing.score().size == 0);
  CHECK(timing.score().beacon < same);
}

TEST_CASE("a clock that was far ahead does not freeze what follows") {
  BeaconTiming timing;
  timing.on_contact(at(30 * 86'400));
  for (int i = 0; i < 20; ++i) timing.on_contact(at(i * 60));
  CHECK(timing.contacts() == 20);
  CHECK(timing.first_ns() == at(0));
  CHECK(timing.score().timing == 1);
}

TEST_CASE("a clock that steps back a little merges contacts and breaks nothing") {
  BeaconTiming timing = every(60, 20);
  timing.on_contact(at(60 * 19 - 300));
  CHECK(timing.last_ns() == at(60 * 19));
  CHECK(timing.contacts() == 21);
  CHECK(timing.score().timing == 1);
}

TEST_CASE("the contacts of ten minutes are counted, not more") {
  CHECK(every(10, 30).recent_contacts() == 30);
  CHECK(every(60, 200).recent_contacts() == 10);
  CHECK(every(1, 3'000).recent_contacts() > 500);
  BeaconTiming timing = every(1, 100);
  timing.on_contact(at(3'600));
  CHECK(timing.recent_contacts() == 1);
}

TEST_CASE("the time scale shortens everything and nothing else") {
  BeaconTiming timing;
  for (int i = 0; i < 40; ++i) timing.on_contact(at(600.0 / 3600 * i), 3600);
  const auto scaled = timing.score(3600);
  const auto plain = every(600, 40).score();
  CHECK(scaled.timing == plain.timing);
  CHECK(scaled.persistence == Approx(plain.persistence).margin(0.09));
  CHECK(*scaled.period_s == Approx(600.0 / 3600).epsilon(0.01));
}

TEST_CASE("critical shapes are interpolated and never leave the table") {
  CHECK(critical_shape(2).one_percent == critical_shape(6).one_percent);
  CHECK(critical_shape(1'000).one_in_ten_thousand == critical_shape(64).one_in_ten_thousand);
  for (double n = 6; n < 64; n += 0.5)
    CHECK(critical_shape(n).one_percent >= critical_shape(n + 0.5).one_percent);
}

TEST_CASE("the last intervals are told, those between bursts") {
  CHECK(every(60, 1).intervals().empty());
  BeaconTiming timing;
  double t = 0;
  for (int i = 1; i <= 12; ++i) {
    timing.on_contact(at(t));
    timing.on_contact(at(t + 0.5));  // a retry
    t += 100 * i;
  }
  const auto last = timing.intervals();
  REQUIRE(last.size() == 8);
  for (std::size_t i = 0; i < last.size(); ++i)
    CHECK(last[i] == Approx(100.0 * static_cast<double>(i + 4) - 0.5).epsilon(0.001));
  CHECK(every(0.25, 10).intervals().empty());  // one episode
  CHECK(every(90'000, 10).intervals().front() == Approx(90'000).epsilon(0.001));
}
