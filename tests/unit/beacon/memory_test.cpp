// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// What a full table costs with all that belongs to a key: names, records of programs, indexes.
#include <fmt/format.h>
#include <malloc.h>

#include "base/sha256_of.hpp"
#include "beacon/beacon_limits.hpp"
#include "beacon/table.hpp"
#include "support/test.hpp"

using namespace tocsin;

namespace {

std::size_t heap_bytes() {
  const auto info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

}  // namespace

TEST_CASE("a full table has a bounded heap, flood or no flood") {
  const auto before = heap_bytes();
  BeaconTable table{BeaconOptions{}};
  const auto flood = [&](std::size_t from, std::size_t count) {
    for (std::size_t i = from; i < from + count; ++i) {
      BeaconSubject subject;
      subject.path = fmt::format("/opt/vendor/program-{}", i / 10);
      subject.id = sha256_of(subject.path);
      table.file({.time_ns = static_cast<WallNs>(1'700'000'000 + i) * kNsPerSecond,
                  .subject = subject,
                  .container = "",
                  .destination = fmt::format("host-{}.some-provider.example.net", i),
                  .port = 443});
    }
  };
  flood(0, limits::kBeaconKeysMax);
  REQUIRE(table.size() == limits::kBeaconKeysMax);
  const auto full = heap_bytes();
  if (full <= before) return;  // an allocator that does not tell: a sanitizer's
  const auto a_key = [&] { return (heap_bytes() - before) / limits::kBeaconKeysMax; };
  INFO(a_key());
  CHECK(a_key() < 700);
  flood(limits::kBeaconKeysMax, 4 * limits::kBeaconKeysMax);
  CHECK(table.size() == limits::kBeaconKeysMax);
  INFO(a_key());
  CHECK(a_key() < 700);
}
