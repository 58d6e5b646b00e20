// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// The streaming statistics against a batch computation from the list of times, and the critical
// shapes against a memoryless process drawn again.
#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <random>

#include "beacon/timing.hpp"
#include "support/test.hpp"

using namespace tocsin;

namespace {

using Random = std::mt19937_64;

double gamma_shape(const std::vector<double>& idle, const std::vector<double>& weights) {
  double w = 0, sum = 0, logs = 0;
  for (std::size_t i = 0; i < idle.size(); ++i) {
    w += weights[i];
    sum += weights[i] * idle[i];
    logs += weights[i] * std::log(idle[i]);
  }
  const double s = std::max(std::log(sum / w) - logs / w, 1e-4);
  return (3 - s + std::sqrt((s - 3) * (s - 3) + 24 * s)) / (12 * s);
}

std::vector<double> decayed_weights(std::size_t n) {
  std::vector<double> weights(n);
  for (std::size_t i = 0; i < n; ++i)
    weights[i] = std::pow(1 - 1.0 / 64, static_cast<double>(n - 1 - i));
  return weights;
}

double weight_of(std::size_t gaps) {
  const auto weights = decayed_weights(gaps);
  return std::accumulate(weights.begin(), weights.end(), 0.0);
}

struct Batch {
  double timing = 0, k = 0;
  std::size_t episodes = 0, outages = 0;
};

// One scale, everything computed anew from all times.
Batch batch(const std::vector<double>& times, double merge_gap) {
  Batch out;
  out.episodes = 1;
  std::vector<double> idle;
  for (std::size_t i = 1; i < times.size(); ++i) {
    const double distance = times[i] - times[i - 1];
    if (distance <= merge_gap) continue;
    ++out.episodes;
    const double e = std::max(distance - merge_gap, 0.02);
    const auto weights = decayed_weights(idle.size());
    const double w = std::accumulate(weights.begin(), weights.end(), 0.0);
    const double sum = std::inner_product(idle.begin(), idle.end(), weights.begin(), 0.0);
    if (w >= 5 && e > 8 * sum / w)
      ++out.outages;
    else
      idle.push_back(e);
  }
  if (idle.empty()) return out;
  out.k = gamma_shape(idle, decayed_weights(idle.size()));
  const double w = weight_of(idle.size());
  const auto critical = critical_shape(std::min(64.0, w));
  if (w < 5.5 || static_cast<double>(out.outages) > 0.15 * static_cast<double>(out.episodes) ||
      out.k <= critical.one_percent)
    return out;
  const double sure = std::max(12.0, 1.5 * critical.one_in_ten_thousand);
  out.timing =
      std::min(1.0, std::log(out.k / critical.one_percent) / std::log(sure / critical.one_percent));
  return out;
}

double quantile(std::vector<double>& values, double share) {
  const auto nth =
      values.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size()));
  std::nth_element(values.begin(), nth, values.end());
  return *nth;
}

// A beacon or a null: the gap before contact i.
using Gap = std::function<double(Random&)>;

struct Crossed {
  double share = 0;        // of series that ever reached B >= 0.5
  std::size_t median = 0;  // contacts until then
};

Crossed crossed(std::size_t series, std::size_t contacts, const Gap& gap, double lost = 0) {
  std::vector<std::size_t> first;
  std::uniform_real_distribution<double> chance(0, 1);
  for (std::size_t s = 0; s < series; ++s) {
    Random random(7'000 + s);
    BeaconTiming timing;
    double time = 1.7e9;
    while (timing.contacts() < contacts) {
      time += gap(random);
      if (lost > 0 && chance(random) < lost) continue;
      timing.on_contact(static_cast<WallNs>(time * 1e9));
      if (timing.score().beacon < 0.5) continue;
      first.push_back(timing.contacts());
      break;
    }
  }
  Crossed out;
  out.share = static_cast<double>(first.size()) / static_cast<double>(series);
  std::ranges::sort(first);
  if (!first.empty()) out.median = first[first.size() / 2];
  return out;
}

Gap even(double least, double most) {
  return [=](Random& r) { return std::uniform_real_distribution<double>(least, most)(r); };
}

}  // namespace

TEST_CASE("streaming and batch agree on every prefix of mixed traffic") {
  Random random(1);
  for (int series = 0; series < 12; ++series) {
    std::vector<double> times;
    BeaconTiming timing;
    double time = 1.7e9;
    for (int i = 0; i < 150; ++i) {
      const double kind = std::uniform_real_distribution<double>(0, 1)(random);
      if (kind < 0.05)
        time += std::exponential_distribution<double>(1 / 30'000.0)(random);  // away
      else if (kind < 0.3 && series % 2 == 0)
        time += std::exponential_distribution<double>(1.0)(random);  // a burst
      else
        time += std::uniform_real_distribution<double>(200, 350)(random);
      times.push_back(time);
      timing.on_contact(static_cast<WallNs>(std::llround(time * 1e9)));
      double best = 0;
      for (const double gap : kMergeGapsS) best = std::max(best, batch(times, gap).timing);
      REQUIRE(timing.score().timing == Approx(best).margin(2e-3));
    }
  }
}

TEST_CASE("a memoryless process reaches the critical shapes as rarely as they say") {
  Random random(2);
  std::exponential_distribution<double> idle(1.0);
  for (const std::size_t n : {6, 12, 24, 64}) {
    constexpr std::size_t kRuns = 30'000;
    std::vector<double> shapes(kRuns), gaps(n);
    const std::vector<double> ones(n, 1.0);
    for (auto& shape : shapes) {
      for (auto& gap : gaps) gap = idle(random);
      shape = gamma_shape(gaps, ones);
    }
    const auto critical = critical_shape(static_cast<double>(n));
    INFO("gaps " << n);
    CHECK(quantile(shapes, 0.99) == Approx(critical.one_percent).epsilon(0.08));
    const auto beyond =
        std::ranges::count_if(shapes, [&](double k) { return k > critical.one_in_ten_thousand; });
    CHECK(beyond <= 12);  // three are expected
  }
}

TEST_CASE("beacons of every jitter are found as soon as the method says") {
  struct Row {
    const char* what;
    Gap gap;
    double lost;
    double least, most;  // share found
    std::size_t median;  // at most
  };
  const std::vector<Row> rows = {
      {"exact", even(60, 60.001), 0, 1, 1, 7},
      {"Cobalt Strike, 20 %", even(240, 300), 0, 1, 1, 7},
      {"Cobalt Strike, 50 %", even(150, 300), 0, 1, 1, 10},
      {"± 30 %", even(210, 390), 0, 1, 1, 8},
      {"± 50 %", even(150, 450), 0, 0.97, 1, 13},
      {"± 80 %: partly", even(60, 540), 0, 0.35, 0.85, 200},
      {"Cobalt Strike, 90 %: seldom", even(30, 300), 0, 0.05, 0.45, 200},
      {"± 20 %, three of ten lost", even(240, 360), 0.3, 0.93, 1, 70},
      {"six hours ± 30 %", even(4.2 * 3600, 7.8 * 3600), 0, 1, 1, 9},
      {"fifty minutes", even(3000, 3000.001), 0, 1, 1, 7},
  };
  for (const auto& row : rows) {
    INFO(row.what);
    const auto found = crossed(100, 200, row.gap, row.lost);
    CHECK(found.share >= row.least);
    CHECK(found.share <= row.most);
    CHECK(found.median <= row.median);
  }
}

TEST_CASE("traffic without a timer is not taken for a beacon") {
  const auto bursty = [](Random& r) {
    const bool page = std::uniform_real_distribution<double>(0, 1)(r) < 0.8;
    return std::exponential_distribution<double>(page ? 1.0 : 1 / 600.0)(r);
  };
  struct Null {
    const char* what;
    Gap gap;
    double most;
  };
  const std::vector<Null> nulls = {
      {"Poisson", [](Random& r) { return std::exponential_distribution<double>(1 / 300.0)(r); },
       0.015},
      {"Weibull 0.6", [](Random& r) { return std::weibull_distribution<double>(0.6, 300)(r); },
       0.015},
      {"log-normal 1", [](Random& r) { return std::lognormal_distribution<double>(5.5, 1)(r); },
       0.015},
      {"log-normal 0.7", [](Random& r) { return std::lognormal_distribution<double>(5.5, 0.7)(r); },
       0.05},
      {"bursty web", bursty, 0.015},
  };
  for (const auto& null : nulls) {
    INFO(null.what);
    CHECK(crossed(200, 600, null.gap).share <= null.most);
  }
}
