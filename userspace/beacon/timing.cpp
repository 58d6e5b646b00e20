// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "beacon/timing.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

namespace tocsin {
namespace {

constexpr double kDecay = 1 - 1.0 / 64;
constexpr double kIdleLeastS = 0.02;  // shorter idle times say nothing: schedulers make them
constexpr double kOutageFactor = 8;   // an idle time this often the mean is an outage
constexpr double kOutageNeeds = 5;    // …once so many gaps are known
constexpr double kOutageShareMost = 0.15;
constexpr double kGapsLeast = 5.5;     // weight of six gaps, so seven episodes
constexpr double kSpreadLeast = 1e-4;  // k is not told apart beyond 5,000
constexpr double kHourS = 3'600, kMinuteS = 60;
constexpr double kHoursFull = 12;     // active hours that make persistence 1
constexpr double kEpisodesFull = 16;  // the same for periods of an hour and more
constexpr double kSizesLeast = 2.5;   // weight of three sizes
constexpr double kSizeSpreadMost = 0.7;

// Intervals are kept as logarithms in two bytes: 0.04 % apart from a millisecond to thirty years.
constexpr double kIntervalLeastS = 1e-3, kIntervalMostS = 1e9;
constexpr double kIntervalSteps = 65'534;

// 200,000 runs each, undecayed; tests/oracle/beacon_oracle_test.cpp draws them again.
struct Row {
  double gaps, one_percent, one_in_ten_thousand;
};
constexpr std::array<Row, 11> kCritical = {{{6, 9.21, 59.6},
                                            {7, 6.84, 33.5},
                                            {8, 5.57, 20.3},
                                            {10, 4.16, 14.1},
                                            {12, 3.46, 9.02},
                                            {15, 2.88, 6.24},
                                            {20, 2.38, 4.23},
                                            {24, 2.15, 3.66},
                                            {32, 1.89, 2.99},
                                            {48, 1.64, 2.29},
                                            {64, 1.52, 2.03}}};

// Contacts come out of order by less than that.
constexpr WallNs kStepBackNs = 600 * kNsPerSecond;

double seconds(WallNs ns) {
  return static_cast<double>(ns) / static_cast<double>(kNsPerSecond);
}

// Maximum likelihood of a gamma distribution's shape, by Minka's closed form.
double gamma_shape(double spread) {
  return (3 - spread + std::sqrt((spread - 3) * (spread - 3) + 24 * spread)) / (12 * spread);
}

}  // namespace

CriticalShape critical_shape(double gaps) {
  const auto above = std::ranges::find_if(kCritical, [&](const Row& r) { return r.gaps >= gaps; });
  if (above == kCritical.begin()) return {above->one_percent, above->one_in_ten_thousand};
  if (above == kCritical.end())
    return {kCritical.back().one_percent, kCritical.back().one_in_ten_thousand};
  const Row& below = *std::prev(above);
  const double part = std::log(gaps / below.gaps) / std::log(above->gaps / below.gaps);
  return {std::lerp(below.one_percent, above->one_percent, part),
          std::lerp(below.one_in_ten_thousand, above->one_in_ten_thousand, part)};
}

// Describes what is regular at none: the coarsest that still tells episodes apart, so that a failed
// attempt and its retries are one.
template <typename Scales>
static std::size_t usual_scale(const Scales& scales, double time_scale) {
  constexpr std::size_t kUsual = 1;
  for (std::size_t i = scales.size() - 1; i > kUsual; --i) {
    const auto& s = scales[i];
    if (s.weight >= 1 && s.sum / s.weight >= 2 * kMergeGapsS[i] / time_scale) return i;
  }
  return kUsual;
}

void BeaconTiming::on_contact(WallNs time_ns, double time_scale) {
  // The clock was ahead and is right now: what it said then is of no use.
  if (contacts_ != 0 && last_ns() - time_ns > kStepBackNs) *this = {};
  const bool first = contacts_ == 0;
  if (first) {
    first_ns_ = time_ns;
    hours_ = {};
    minutes_ = {};
  }
  time_ns = std::max(time_ns, last_ns());
  note_hour(time_ns, time_scale);
  note_minute(time_ns, time_scale);
  const auto told_apart = usual_scale(scales_, time_scale);
  for (std::size_t i = 0; i < scales_.size(); ++i) {
    Scale& s = scales_[i];
    const double gap = kMergeGapsS[i] / time_scale;
    const double distance = seconds(time_ns - last_ns_[i]);
    last_ns_[i] = time_ns;
    if (!first && distance <= gap) continue;
    ++s.episodes;
    if (first) continue;
    if (i == told_apart) note_interval(distance);
    const double idle = std::max(distance - gap, kIdleLeastS / time_scale);
    if (s.weight >= kOutageNeeds && idle > kOutageFactor * s.sum / s.weight) {
      ++s.outages;
      continue;
    }
    s.weight = static_cast<float>(kDecay * s.weight + 1);
    s.sum = static_cast<float>(kDecay * s.sum + idle);
    s.log_sum = static_cast<float>(kDecay * s.log_sum + std::log(idle));
  }
  if (contacts_ != UINT32_MAX) ++contacts_;
}

void BeaconTiming::note_hour(WallNs time_ns, double time_scale) {
  const auto hour_of = [&](WallNs t) {
    return static_cast<std::int64_t>(seconds(t) * time_scale / kHourS);
  };
  const auto bit = [&](std::int64_t hour) { return static_cast<std::size_t>(hour) % kHours; };
  const auto now = hour_of(time_ns);
  if (contacts_ != 0) {
    const auto passed = std::min<std::int64_t>(now - hour_of(last_ns()), kHours);
    for (std::int64_t h = 0; h < passed; ++h)
      hours_[bit(now - h) / 64] &= ~(std::uint64_t{1} << bit(now - h) % 64);
  }
  hours_[bit(now) / 64] |= std::uint64_t{1} << bit(now) % 64;
}

void BeaconTiming::note_minute(WallNs time_ns, double time_scale) {
  const auto minute_of = [&](WallNs t) {
    return static_cast<std::int64_t>(seconds(t) * time_scale / kMinuteS);
  };
  const auto now = minute_of(time_ns);
  if (contacts_ != 0) {
    const auto passed = std::min<std::int64_t>(now - minute_of(last_ns()), kMinutes);
    for (std::int64_t m = 0; m < passed; ++m)
      minutes_[static_cast<std::size_t>(now - m) % kMinutes] = 0;
  }
  auto& minute = minutes_[static_cast<std::size_t>(now) % kMinutes];
  if (minute != UINT8_MAX) ++minute;
}

void BeaconTiming::note_interval(double seconds) {
  const double part =
      std::log(std::clamp(seconds, kIntervalLeastS, kIntervalMostS) / kIntervalLeastS) /
      std::log(kIntervalMostS / kIntervalLeastS);
  std::shift_left(intervals_.begin(), intervals_.end(), 1);
  intervals_.back() = static_cast<std::uint16_t>(1 + std::lround(part * kIntervalSteps));
}

std::vector<double> BeaconTiming::intervals() const {
  std::vector<double> out;
  for (const auto logarithm : intervals_) {
    if (logarithm == 0) continue;
    const double part = (logarithm - 1) / kIntervalSteps;
    const double seconds = kIntervalLeastS * std::pow(kIntervalMostS / kIntervalLeastS, part);
    const double unit = std::pow(10.0, std::floor(std::log10(seconds)) - 3);
    out.push_back(std::round(seconds / unit) * unit);
  }
  return out;
}

void BeaconTiming::on_size(std::uint64_t bytes_sent) {
  const double value = std::log1p(static_cast<double>(bytes_sent));
  size_weight_ = static_cast<float>(kDecay * size_weight_ + 1);
  const double off = value - size_mean_;
  size_mean_ = static_cast<float>(size_mean_ + off / size_weight_);
  // Rounding may turn the sign of the last product.
  size_spread_ =
      static_cast<float>(kDecay * size_spread_ + std::max(0.0, off * (value - size_mean_)));
}

std::uint32_t BeaconTiming::recent_contacts() const {
  return std::accumulate(minutes_.begin(), minutes_.end(), std::uint32_t{0});
}

int BeaconTiming::active_hours() const {
  int hours = 0;
  for (const auto word : hours_) hours += std::popcount(word);
  return hours;
}

BeaconTiming::Shape BeaconTiming::shape_of(const Scale& scale, double merge_gap_s) {
  Shape out;
  if (scale.weight < 1) return out;
  const double mean = double{scale.sum} / scale.weight;
  const double spread = std::log(mean) - double{scale.log_sum} / scale.weight;
  out.k = gamma_shape(std::max(spread, kSpreadLeast));
  out.period_s = mean + merge_gap_s;
  // Of an even spread of half-width j around 1 the shape is 3 / j².
  out.jitter = spread <= kSpreadLeast ? std::sqrt(6 * std::max(spread, 0.0)) : std::sqrt(3 / out.k);
  out.jitter = std::min(out.jitter * mean / out.period_s, 1.0);
  if (scale.weight < kGapsLeast || scale.outages > kOutageShareMost * scale.episodes) return out;
  const auto critical = critical_shape(std::min<double>(scale.weight, 64));
  if (out.k <= critical.one_percent) return out;
  const double sure = std::max(12.0, 1.5 * critical.one_in_ten_thousand);
  out.timing =
      std::min(1.0, std::log(out.k / critical.one_percent) / std::log(sure / critical.one_percent));
  return out;
}

BeaconScore BeaconTiming::score(double time_scale) const {
  std::size_t best = usual_scale(scales_, time_scale);
  Shape shape = shape_of(scales_[best], kMergeGapsS[best] / time_scale);
  for (std::size_t i = 0; i < scales_.size(); ++i) {
    const auto other = shape_of(scales_[i], kMergeGapsS[i] / time_scale);
    if (other.timing > shape.timing) shape = other, best = i;
  }
  BeaconScore out;
  out.timing = shape.timing;
  out.shape = shape.k;
  out.episodes = scales_[best].episodes;
  if (scales_[best].weight >= 1) {
    out.period_s = shape.period_s;
    out.jitter = shape.jitter;
  }
  const bool frequent = shape.period_s * time_scale < kHourS;
  out.persistence =
      std::min(1.0, frequent ? active_hours() / kHoursFull : out.episodes / kEpisodesFull);
  if (size_weight_ >= kSizesLeast) {
    const double deviation = std::sqrt(size_spread_ / size_weight_);
    out.size = std::max(0.0, 1 - deviation / kSizeSpreadMost);
  }
  out.beacon = out.size ? out.timing * (0.55 + 0.25 * out.persistence + 0.20 * *out.size)
                        : out.timing * (0.55 + 0.25 * out.persistence) / 0.80;
  return out;
}

}  // namespace tocsin
