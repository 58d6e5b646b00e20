// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "names/watched_addresses.hpp"

#include <fmt/format.h>

#include "support/test.hpp"

using namespace tocsin;

namespace {

constexpr WallNs kNow = 1'700'000'000 * kNsPerSecond;

IpAddress ip(std::string_view text) {
  return *IpAddress::parse(text);
}

WatchedAddresses::Origin origin(std::uint32_t ttl, NameSource source = NameSource::kOtherDns) {
  return {"evil.example", source, kNow, 0, ttl};
}

}  // namespace

TEST_CASE("answers that name nobody's server are dropped with the reason", "[names]") {
  WatchedAddresses watched([](const IpAddress& a) { return a == ip("198.51.100.66"); });
  CHECK(watched.learn(ip("127.0.0.1"), origin(60)) == Unwatched::kLoopback);
  CHECK(watched.learn(ip("::1"), origin(60)) == Unwatched::kLoopback);
  CHECK(watched.learn(ip("0.0.0.0"), origin(60)) == Unwatched::kUnspecified);
  CHECK(watched.learn(ip("10.1.2.3"), origin(60)) == Unwatched::kPrivate);
  CHECK(watched.learn(ip("fd00::1"), origin(60)) == Unwatched::kPrivate);
  CHECK(watched.learn(ip("169.254.1.1"), origin(60)) == Unwatched::kLinkLocal);
  CHECK(watched.learn(ip("224.0.0.1"), origin(60)) == Unwatched::kMulticast);
  CHECK(watched.learn(ip("198.51.100.66"), origin(60)) == Unwatched::kSinkhole);
  CHECK_FALSE(watched.learn(ip("203.0.113.1"), origin(60)));
  CHECK(watched.counters().watched == 1);
  CHECK(watched.counters().dropped[static_cast<std::size_t>(Unwatched::kLoopback)] == 2);
}

TEST_CASE("an address is watched for its TTL, within bounds", "[names]") {
  WatchedAddresses watched;
  watched.learn(ip("203.0.113.1"), origin(1));
  watched.learn(ip("203.0.113.2"), origin(3600));
  watched.learn(ip("203.0.113.3"), origin(30 * 24 * 3600));
  const auto lives = [&](const char* address, std::int64_t seconds) {
    return watched.find(ip(address), kNow + seconds * kNsPerSecond) != nullptr;
  };
  CHECK(lives("203.0.113.1", 299));  // the next connect must not slip by
  CHECK_FALSE(lives("203.0.113.1", 301));
  CHECK(lives("203.0.113.2", 3599));
  CHECK_FALSE(lives("203.0.113.2", 3601));
  CHECK(lives("203.0.113.3", 24 * 3600 - 1));
  CHECK_FALSE(lives("203.0.113.3", 24 * 3600 + 1));
  CHECK(watched.counters().watched == 0);
}

TEST_CASE("a look-up of ours does not replace what the host saw", "[names]") {
  WatchedAddresses watched;
  watched.learn(ip("203.0.113.1"), origin(600));
  watched.learn(ip("203.0.113.1"), origin(600, NameSource::kActiveLookup));
  CHECK(watched.find(ip("203.0.113.1"), kNow)->source == NameSource::kOtherDns);
}

TEST_CASE("watched addresses are bounded, what goes is counted", "[names]") {
  WatchedAddresses watched;
  for (std::size_t i = 0; i < limits::kWatchedAddressesMax + 10; ++i)
    watched.learn(ip(fmt::format("203.{}.{}.{}", i >> 16, i >> 8 & 255, i & 255)), origin(600));
  CHECK(watched.counters().watched == limits::kWatchedAddressesMax);
  CHECK(watched.counters().evicted == 10);
  CHECK(watched.find(ip("203.0.0.0"), kNow) == nullptr);
}
