// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// The index against the obvious matcher, on random and on exhaustive small inputs.
#include <random>

#include "oracle/naive_matcher.hpp"
#include "unit/indicators/index_fixture.hpp"

using namespace tocsin;
using oracle::NaiveMatcher;
using test::places;

namespace {

struct Both {
  Index index;
  NaiveMatcher naive;
};

Both build(const std::vector<IndicatorRow>& rows) {
  Both out;
  IndexBuilder builder;
  SetMeta meta;
  // Two rows of one set in one file would be one: each row is its own file.
  for (const auto& row : rows) {
    meta.set = "s" + std::to_string(row.line);
    REQUIRE(builder.add(builder.add_file(meta.set), meta, row));
    out.naive.add(meta, row);
  }
  out.index = Index({test::open_built(builder.build().value().image)});
  return out;
}

IndicatorRow numbered(IndicatorType type, std::size_t line) {
  IndicatorRow row;
  row.type = type;
  row.line = static_cast<std::uint32_t>(line);
  return row;
}

IpAddress v4(std::uint32_t value) {
  const std::array<std::uint8_t, 4> bytes = {
      static_cast<std::uint8_t>(value >> 24), static_cast<std::uint8_t>(value >> 16),
      static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value)};
  return IpAddress::v4(bytes);
}

IpAddress random_address(std::mt19937& rng, bool few_bits) {
  if (rng() % 2 == 0)
    return v4(static_cast<std::uint32_t>(few_bits ? 0xcb007100U | (rng() & 0xff) : rng()));
  std::array<std::uint8_t, 16> bytes{0x20, 0x01, 0x0d, 0xb8};
  for (std::size_t i = few_bits ? 15 : 2; i < 16; ++i) bytes[i] = static_cast<std::uint8_t>(rng());
  return IpAddress::v6(bytes);
}

std::string random_name(std::mt19937& rng) {
  static constexpr std::array<std::string_view, 5> kLabels = {"a", "b", "ab", "evil", "com"};
  std::string out(kLabels[rng() % kLabels.size()]);
  for (auto n = rng() % 5; n > 0; --n) out += "." + std::string(kLabels[rng() % kLabels.size()]);
  return out;
}

void maybe_expire(std::mt19937& rng, IndicatorRow& row) {
  if (rng() % 4 == 0) row.expires_ns = static_cast<WallNs>(1 + rng() % 20) * kNsPerSecond;
}

constexpr WallNs kAt = 10 * kNsPerSecond;

}  // namespace

TEST_CASE("digests: random rows with shared prefixes and repeats", "[indicators][oracle]") {
  std::mt19937 rng(1);
  for (const std::size_t size : {1U, 2U, 7U, 8U, 9U, 64U, 500U}) {
    std::vector<IndicatorRow> rows;
    for (std::size_t i = 0; i < size; ++i) {
      const std::array types = {IndicatorType::kSha256, IndicatorType::kSha1, IndicatorType::kMd5};
      auto row = numbered(types[rng() % 3], i);
      // Three shapes: uniform, differing in the last byte only, differing in the first only.
      const auto shape = rng() % 3;
      const std::size_t width = digest_bytes(row.type);
      if (shape == 0)
        for (std::size_t b = 0; b < width; ++b) row.digest[b] = static_cast<std::uint8_t>(rng());
      else
        row.digest[shape == 1 ? width - 1 : 0] = static_cast<std::uint8_t>(rng() % 32);
      maybe_expire(rng, row);
      rows.push_back(row);
    }
    const auto both = build(rows);
    for (int i = 0; i < 400; ++i) {
      auto asked = rows[rng() % rows.size()];
      const std::size_t width = digest_bytes(asked.type);
      if (rng() % 2 == 0) asked.digest[rng() % width] ^= static_cast<std::uint8_t>(1U << rng() % 8);
      const auto digest = std::span(asked.digest).first(width);
      std::vector<Indicator> found;
      both.index.images()[0]->find_digest(asked.type, digest, kAt, found);
      CHECK(places(found) == both.naive.find_digest(asked.type, digest, kAt));
    }
  }
}

TEST_CASE("addresses: random nested blocks", "[indicators][oracle]") {
  std::mt19937 rng(2);
  for (const std::size_t size : {1U, 3U, 20U, 300U}) {
    std::vector<IndicatorRow> rows;
    for (std::size_t i = 0; i < size; ++i) {
      auto row = numbered(rng() % 2 == 0 ? IndicatorType::kIp : IndicatorType::kCidr, i);
      const auto address = random_address(rng, rng() % 3 != 0);
      row.network = IpNetwork::single(address);
      if (row.type == IndicatorType::kCidr)
        row.network =
            IpNetwork::of(address, static_cast<std::uint8_t>(rng() % (row.network.width() + 1U)));
      maybe_expire(rng, row);
      rows.push_back(row);
    }
    const auto both = build(rows);
    for (int i = 0; i < 500; ++i) {
      const auto asked = rng() % 3 == 0 ? rows[rng() % rows.size()].network.address
                                        : random_address(rng, rng() % 2 == 0);
      CHECK(places(both.index.find(asked, kAt)) == both.naive.find_address(asked, kAt));
    }
  }
}

TEST_CASE("addresses: every pair of blocks in a /28, every address", "[indicators][oracle]") {
  std::vector<IpNetwork> blocks;
  for (std::uint8_t prefix = 28; prefix <= 32; ++prefix)
    for (std::uint32_t host = 0; host < 16; host += 1U << (32 - prefix))
      blocks.push_back(IpNetwork::of(v4(0xcb007100U + host), prefix));
  for (const auto& a : blocks)
    for (const auto& b : blocks) {
      std::vector<IndicatorRow> rows = {numbered(IndicatorType::kCidr, 0),
                                        numbered(IndicatorType::kCidr, 1)};
      rows[0].network = a;
      rows[1].network = b;
      const auto both = build(rows);
      for (std::uint32_t host = 0; host < 18; ++host) {
        const auto asked = v4(0xcb0070ffU + host);  // from one before to one after
        if (places(both.index.find(asked, 0)) != both.naive.find_address(asked, 0))
          FAIL(a.to_string() << " and " << b.to_string() << " at " << asked.to_string());
      }
    }
}

TEST_CASE("names: random labels of a small alphabet", "[indicators][oracle]") {
  std::mt19937 rng(3);
  for (const std::size_t size : {1U, 5U, 50U, 400U}) {
    std::vector<IndicatorRow> rows;
    for (std::size_t i = 0; i < size; ++i) {
      auto row = numbered(IndicatorType::kDomain, i);
      row.text = random_name(rng);
      row.exact = rng() % 3 == 0;
      maybe_expire(rng, row);
      rows.push_back(row);
    }
    const auto both = build(rows);
    for (int i = 0; i < 1000; ++i) {
      auto asked = random_name(rng);
      if (rng() % 4 == 0) asked += '.';
      if (rng() % 4 == 0) asked[0] = static_cast<char>(asked[0] & ~0x20);
      if (rng() % 8 == 0) asked.insert(0, "not");
      CAPTURE(asked);
      const auto expected = both.naive.find_domain(asked, kAt);
      if (expected.size() > 60) continue;  // the index stops at its limit of matches
      CHECK(places(both.index.find_domain(asked, kAt)) == expected);
    }
  }
}
