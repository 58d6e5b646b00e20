// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "indicators/guard.hpp"
#include "indicators/index.hpp"
#include "indicators/index_builder.hpp"
#include "indicators/set_file.hpp"
#include "support/test.hpp"

// Set text to index, for the tests of this folder.
namespace tocsin::test {

inline const Guard& guard() {
  static const Guard loaded = Guard::load().value();
  return loaded;
}

inline SetFileSummary read_text(std::string_view text, RowSink sink, WallNs now = 0,
                                std::string name = "test.ioc") {
  SetFileReader reader({.file_name = std::move(name), .now_ns = now, .guard = &guard()},
                       std::move(sink));
  reader.feed(text);
  return reader.finish();
}

inline SetFileSummary read_text(std::string_view text, WallNs now = 0) {
  return read_text(
      text, [](const SetMeta&, const IndicatorRow&) { return Result<void>{}; }, now);
}

inline std::shared_ptr<const IndexImage> open_built(
    std::vector<std::byte> bytes, IndexImage::Verify verify = IndexImage::Verify::kFull) {
  auto owner = std::make_shared<const std::vector<std::byte>>(std::move(bytes));
  auto image = IndexImage::open(owner, *owner, verify);
  INFO((image ? "" : image.error().message));
  REQUIRE(image);
  return std::make_shared<const IndexImage>(std::move(*image));
}

inline std::vector<std::byte> compile(std::string_view text) {
  IndexBuilder builder;
  const auto file = builder.add_file("test.ioc");
  const auto summary = read_text(text, [&](const SetMeta& meta, const IndicatorRow& row) {
    return builder.add(file, meta, row);
  });
  for (const auto& refusal : summary.refusals) UNSCOPED_INFO(to_string(refusal, "test.ioc"));
  REQUIRE(summary.refused == 0);
  return builder.build().value().image;
}

inline Index index_of(std::string_view text) {
  return Index({open_built(compile(text))});
}

// "set:line" of each match, sorted, as the oracle writes it.
inline std::vector<std::string> places(const std::vector<Indicator>& matches) {
  std::vector<std::string> out;
  for (const auto& m : matches) out.push_back(m.set + m.place.substr(m.place.rfind(':')));
  std::ranges::sort(out);
  return out;
}

inline std::vector<std::string> values(const std::vector<Indicator>& matches) {
  std::vector<std::string> out;
  for (const auto& m : matches) out.push_back(m.value);
  return out;
}

}  // namespace tocsin::test
