// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// Any UTF-8 as a line: the text never grows, and the way back is ascending and inside of it.
#include <cstdlib>
#include <string_view>

#include "base/utf8.hpp"
#include "extract/refang.hpp"
#include "extract/spot.hpp"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tocsin;
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  if (!is_utf8(line)) return 0;
  RefangedText out;
  out.assign(line);
  require(out.text().size() <= size + size / 4);  // a byte for each scheme that lacks a slash
  std::size_t before = 0;
  for (std::size_t i = 0; i < out.text().size(); ++i) {
    require(out.source(i) >= before && out.source(i) < size);
    before = out.source(i);
  }
  require(out.source(out.text().size()) == size);
  static const PublicSuffixes suffixes = PublicSuffixes::load().value();
  std::vector<Spot> spots;
  Spotter(suffixes).spot(out, spots);
  for (const auto& spot : spots) require(spot.begin <= spot.end && spot.end <= out.text().size());
  return 0;
}
