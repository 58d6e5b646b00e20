// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "report/intervals.hpp"
#include "support/test.hpp"

using namespace tocsin::report;
using nlohmann::json;

namespace {

Material with_contacts(std::initializer_list<double> times) {
  Material out;
  out.around = {{"contacts", json::array()}};
  for (const auto time : times) out.around["contacts"].push_back({time, nullptr, nullptr});
  return out;
}

}  // namespace

TEST_CASE("median and MAD of the distances, bursts counted once", "[report]") {
  const auto series = series_of(with_contacts({100, 100.1, 160, 160.05, 220, 281, 400}));
  const auto intervals = intervals_of(series, 1);
  REQUIRE(intervals.sorted_s.size() == 4);  // 59.9, 59.95, 61, 119
  CHECK(std::abs(intervals.median_s - 60.475) < 0.01);
  CHECK(std::abs(intervals.mad_s - 0.55) < 0.06);
  CHECK(last_intervals(series, 1, 2) == std::vector<double>{61, 119});
}

TEST_CASE("odd contacts are left out and the rest is in order", "[report]") {
  Material material;
  material.around = json::parse(
      R"({"contacts":[[5,1,"ok"],[3,null,"refused"],[-1,1,"ok"],[1e30,1,"ok"],7,[],[4],["x",1,"ok"],
          [4,-3,null],[9,"x",7]],
          "coverage":{"gaps":{"longest":[{"from":1,"to":2},{"from":3,"to":1},{"from":"x"},5]}}})");
  const auto series = series_of(material);
  REQUIRE(series.points.size() == 4);
  CHECK(series.points[0].time_s == 3);
  CHECK(series.points[0].failed);
  CHECK_FALSE(series.points[1].bytes_out);
  CHECK(series.points[2].bytes_out == 1);
  CHECK(series.gaps.size() == 1);
  CHECK(series_of({json::object(), nullptr, 0}).points.empty());
}

TEST_CASE("a sparkline stands on nothing, so equal intervals look equal", "[report]") {
  CHECK(sparkline({60, 60, 60}) == "███");
  CHECK(sparkline({0, 60}) == "▁█");
  CHECK(sparkline({}).empty());
}
