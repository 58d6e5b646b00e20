// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "base/reassembly.hpp"

#include <algorithm>
#include <random>

#include "support/byte_writer.hpp"
#include "support/test.hpp"

using namespace tocsin;
using namespace tocsin::test;

namespace {

std::string prefix(const Reassembly& r) {
  return std::string(as_text(r.prefix()));
}

}  // namespace

TEST_CASE("pieces in any order, overlapping and repeated, give the stream") {
  std::mt19937 rng(7);
  std::string stream;
  for (int i = 0; i < 2000; ++i) stream += static_cast<char>('a' + i % 26);
  for (int round = 0; round < 200; ++round) {
    std::vector<std::pair<std::size_t, std::size_t>> pieces;
    for (std::size_t at = 0; at < stream.size();) {
      const auto size = std::min<std::size_t>(1 + rng() % 200, stream.size() - at);
      const auto back = std::min<std::size_t>(at, rng() % 20);
      pieces.emplace_back(at - back, size + back);
      if (rng() % 5 == 0) pieces.emplace_back(at, size);
      at += size;
    }
    std::ranges::shuffle(pieces, rng);
    Reassembly r({8000, 200});
    for (const auto& [at, size] : pieces) CHECK(r.add(at, bytes_of(stream.substr(at, size))));
    CHECK(prefix(r) == stream);
    CHECK(r.held_bytes() == stream.size());
  }
}

TEST_CASE("what is in order already wins over what comes later") {
  Reassembly r({100, 10});
  r.add(0, bytes_of("abc"));
  r.add(1, bytes_of("XYZ"));
  CHECK(prefix(r) == "abcZ");
  r.add(6, bytes_of("gh"));
  r.add(4, bytes_of("efXX!"));
  CHECK(prefix(r) == "abcZefgh!");
}

TEST_CASE("bytes and pieces are bounded and what does not fit is told") {
  Reassembly r({10, 2});
  CHECK(r.add(5, bytes_of("x")));
  CHECK(r.add(7, bytes_of("y")));
  CHECK_FALSE(r.add(9, bytes_of("z")));
  CHECK_FALSE(r.add(0, bytes_of("0123456789abcdef")));
  CHECK(r.held_bytes() <= 10);
  Reassembly huge({10, 2});
  CHECK_FALSE(huge.add(0, Bytes(1000)));
  CHECK(huge.prefix().size() == 10);
  CHECK(huge.add(~std::uint64_t{0} - 5, Bytes(0)));
}

TEST_CASE("a stream goes on behind what was consumed") {
  Reassembly r({10, 4});
  for (int i = 0; i < 100; ++i) {
    CHECK(r.add(static_cast<std::uint64_t>(i) * 5, bytes_of("12345")));
    CHECK(prefix(r) == "12345");
    r.consume(5);
  }
  CHECK(r.end() == 500);
  r.restart(1000);
  CHECK(r.add(1002, bytes_of("c")));
  CHECK(r.add(1000, bytes_of("ab")));
  CHECK(prefix(r) == "abc");
}
