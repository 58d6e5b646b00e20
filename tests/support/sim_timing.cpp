// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "support/sim_beacon.hpp"

namespace tocsin::test::sim {
namespace {

double gap(const Beat& beat, Random& random) {
  switch (beat.jitter_model) {
    case Jitter::kNone:
      return beat.interval_s + random.between(-0.05, 0.05);  // a scheduler's own
    case Jitter::kOneSided:
      return beat.interval_s * random.between(1 - beat.jitter, 1);
    case Jitter::kSymmetric:
      break;
  }
  return beat.interval_s * random.between(1 - beat.jitter, 1 + beat.jitter);
}

bool in_office(double at) {
  const double hour = std::fmod(at, kDay) / kHour;
  return hour >= 8 && hour < 18;
}

Beat drawn_beat(const PlanOptions& o, Random& random) {
  Beat out;
  static constexpr std::array<double, 3> kJitters = {0.1, 0.2, 0.3};
  const int model = random.whole(0, 5);  // half of them as Cobalt Strike draws it
  out.jitter_model = model < 3 ? Jitter::kOneSided : model < 5 ? Jitter::kSymmetric : Jitter::kNone;
  if (o.jitter_model)
    out.jitter_model = *o.jitter_model == "none"        ? Jitter::kNone
                       : *o.jitter_model == "one-sided" ? Jitter::kOneSided
                                                        : Jitter::kSymmetric;
  const double usual = random.one_of(kJitters);
  out.jitter = random.chance(0.7) ? usual : random.between(0.4, 0.8);
  out.interval_s = random.log_between(30, 4 * kHour);
  if (random.chance(0.25)) out.lost = random.between(0.05, 0.3);
  if (random.chance(0.25)) out.failing = random.between(0.05, 0.5), out.retries = 3;
  if (random.chance(0.2)) out.burst = random.between(1, 10), out.burst_every = 0.3;
  out.office_hours = random.chance(0.1);
  if (random.chance(0.15)) out.nap_s = random.between(0.5, 3) * kDay;
  out.jitter = o.jitter.value_or(out.jitter);
  out.interval_s = o.interval_s.value_or(out.interval_s);
  out.lost = o.lost.value_or(out.lost);
  out.failing = o.failing.value_or(out.failing);
  out.retries = o.retries.value_or(out.retries);
  out.burst = o.burst.value_or(out.burst);
  out.office_hours = o.office_hours.value_or(out.office_hours);
  out.nap_s = o.nap_s.value_or(out.nap_s);
  return out;
}

Channel drawn_channel(const PlanOptions& o, Random& random) {
  static constexpr std::array<std::string_view, 5> kNames = {"tls", "dns", "long", "shared",
                                                             "address"};
  if (o.channel) {
    const auto* const found = std::ranges::find(kNames, *o.channel);
    return found == kNames.end() ? Channel::kTls : static_cast<Channel>(found - kNames.begin());
  }
  const double draw = random.share();
  if (draw < 0.65) return Channel::kTls;
  if (draw < 0.75) return Channel::kAddress;
  if (draw < 0.85) return Channel::kSharedHost;
  return draw < 0.93 ? Channel::kLong : Channel::kDns;
}

}  // namespace

std::vector<CheckIn> check_ins(const Beat& beat, Random& random, double from, int count) {
  std::vector<CheckIn> out;
  double at = from;
  for (int i = 0; i < count; ++i, at += gap(beat, random)) {
    if (i == 4) at += beat.nap_s;
    if (beat.office_hours && !in_office(at)) {
      const double hour = std::fmod(at, kDay);
      at += hour < 8 * kHour ? 8 * kHour - hour : 32 * kHour - hour;
      at += random.between(0, beat.interval_s);
    }
    if (random.chance(beat.lost)) continue;
    const bool failed = random.chance(beat.failing);
    out.push_back({at, failed, true});
    if (failed)
      for (int r = 1; r <= beat.retries; ++r) out.push_back({at + 4.0 * r, true, false});
    if (beat.burst > 0 && random.chance(beat.burst_every)) {
      double then = at;
      for (int extra = static_cast<int>(random.exponential(beat.burst)); extra > 0; --extra)
        out.push_back({then += random.exponential(1.5), false, false});
      at = std::max(at, then);
    }
  }
  std::ranges::sort(out, {}, &CheckIn::at);
  return out;
}

std::string words(const Beat& beat) {
  auto out = fmt::format("{:.0f} s", beat.interval_s);
  if (beat.jitter_model == Jitter::kOneSided) out += fmt::format(" -{:.0f} %", 100 * beat.jitter);
  if (beat.jitter_model == Jitter::kSymmetric) out += fmt::format(" ±{:.0f} %", 100 * beat.jitter);
  if (beat.lost > 0) out += fmt::format(", {:.0f} % lost", 100 * beat.lost);
  if (beat.failing > 0) out += fmt::format(", {:.0f} % fail", 100 * beat.failing);
  if (beat.burst > 0) out += ", bursts";
  if (beat.office_hours) out += ", office hours";
  if (beat.nap_s > 0) out += fmt::format(", sleeps {:.1f} days", beat.nap_s / kDay);
  return out;
}

Plan drawn_plan(const PlanOptions& o, Random& random) {
  Plan out;
  const auto kinds = malicious_kinds();
  out.kind = o.kind.value_or(std::string(random.one_of(kinds)));
  out.beat = drawn_beat(o, random);
  out.channel = drawn_channel(o, random);
  out.count = o.count.value_or(random.whole(20, 60));
  out.destinations = o.destinations.value_or(random.chance(0.15) ? random.whole(2, 6) : 1);
  out.addresses = o.addresses.value_or(random.chance(0.25) ? random.whole(2, 4) : 1);
  out.shell = o.shell.value_or(random.chance(0.8));
  out.stdio = o.stdio.value_or(random.chance(0.6) ? "socket" : "pty");
  out.shell_after = o.shell_after.value_or(random.whole(2, 15));
  out.recon = o.recon.value_or(random.chance(0.6));
  out.dropped = o.dropped.value_or(random.chance(0.25));
  out.dormant_s = o.dormant_s.value_or(random.chance(0.3) ? random.between(0.1, 5) * kDay
                                                          : random.between(5, 600));
  return out;
}

}  // namespace tocsin::test::sim
