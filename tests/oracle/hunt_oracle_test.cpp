// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// Ranges of the sightings' key against a look at every row.
#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "history/hunt.hpp"
#include "support/history_builder.hpp"
#include "support/test.hpp"

using namespace tocsin;
using namespace tocsin::test;

namespace {

constexpr WallNs kNow = kHistoryStart + 10 * kDay;
using Random = std::mt19937;

// Few labels, so that names nest and neighbour: "-" and digits sort before and behind the dot.
std::string random_name(Random& random) {
  static const std::vector<std::string> kLabels = {"a",   "a-b",      "a0", "evil",
                                                   "com", "evil-com", "b"};
  std::string out;
  const auto labels = 1 + random() % 4;
  for (unsigned i = 0; i < labels; ++i)
    out += (i == 0 ? "" : ".") + kLabels[random() % kLabels.size()];
  return out;
}

std::string random_address(Random& random) {
  static const std::vector<std::string> kHosts = {"0", "1", "127", "128", "254", "255"};
  const auto octet = [&] { return kHosts[random() % kHosts.size()]; };
  if (random() % 3 != 0) return octet() + "." + octet() + "." + octet() + "." + octet();
  static const std::vector<std::string> kGroups = {"0", "1", "7fff", "8000", "ffff"};
  std::string out = kGroups[random() % kGroups.size()];
  for (int i = 0; i < 7; ++i) out += ":" + kGroups[random() % kGroups.size()];
  return out;
}

bool below(const std::string& name, const std::string& domain) {
  return name == domain || name.ends_with("." + domain);
}

std::uint64_t rows_of(HistoryReader& reader, const HuntValue& value) {
  const auto report = hunt(reader, {value}, {.since_ns = {}, .now_ns = kNow});
  REQUIRE(report);
  const auto& result = report->results.at(0);
  CHECK((result.verdict == Verdict::kSeen) == (result.rows > 0));
  return result.rows;
}

}  // namespace

TEST_CASE("domains: ranges find what a scan finds", "[hunt][oracle]") {
  Random random(20260101);
  const TempDir dir;
  HistoryBuilder built(dir / "history");
  built.run({.started_ns = kHistoryStart, .alive_ns = kNow, .stopped_ns = {}});
  std::set<std::string> names;
  for (int i = 0; i < 300; ++i) names.insert(random_name(random));
  for (const auto& name : names) built.name(name, kHistoryStart, kNow);
  auto reader = built.reader();
  std::uint64_t found = 0;
  for (int i = 0; i < 500; ++i) {
    const auto domain = random_name(random);
    const auto value = make_hunt_value(IndicatorType::kDomain, domain);
    REQUIRE(value);
    const auto expected =
        std::ranges::count_if(names, [&](const auto& name) { return below(name, domain); });
    INFO(domain);
    CHECK(rows_of(reader, *value) == static_cast<std::uint64_t>(expected));
    auto exact = *value;
    exact.exact = true;
    CHECK(rows_of(reader, exact) == names.count(domain));
    found += static_cast<std::uint64_t>(expected);
  }
  CHECK(found > 500);
}

TEST_CASE("networks: ranges find what a scan finds", "[hunt][oracle]") {
  Random random(20260102);
  const TempDir dir;
  HistoryBuilder built(dir / "history");
  built.run({.started_ns = kHistoryStart, .alive_ns = kNow, .stopped_ns = {}});
  std::set<std::pair<std::string, std::uint16_t>> rows;
  for (int i = 0; i < 400; ++i)
    rows.emplace(IpAddress::parse(random_address(random))->to_string(),
                 static_cast<std::uint16_t>(random() % 2 == 0 ? 65535 : random() % 65536));
  for (const auto& [address, port] : rows)
    built.destination(address.c_str(), port, kHistoryStart, kNow);
  auto reader = built.reader();
  std::uint64_t found = 0;
  for (int i = 0; i < 800; ++i) {
    const auto address = *IpAddress::parse(random_address(random));
    const auto width = address.is_v4() ? 33U : 129U;
    const auto prefix = static_cast<std::uint8_t>(random() % width);
    const auto network = IpNetwork::of(address, prefix);
    const auto value = make_hunt_value(
        IndicatorType::kCidr,
        network.to_string() + (network.is_single() ? "/" + std::to_string(network.prefix) : ""));
    INFO(network.to_string());
    REQUIRE(value);
    const auto expected = std::ranges::count_if(
        rows, [&](const auto& row) { return network.contains(*IpAddress::parse(row.first)); });
    CHECK(rows_of(reader, *value) == static_cast<std::uint64_t>(expected));
    found += static_cast<std::uint64_t>(expected);
  }
  CHECK(found > 500);
}
