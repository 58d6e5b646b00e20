// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// Any bytes as a set file: read whole and in two pieces with the same result, and every accepted
// row is found in the index compiled from it.
#include <cstdlib>
#include <memory>
#include <string_view>

#include "indicators/index.hpp"
#include "indicators/index_builder.hpp"
#include "indicators/set_file.hpp"

namespace {

using namespace tocsin;

void require(bool holds) {
  if (!holds) std::abort();
}

const Guard& guard() {
  static const Guard loaded = Guard::load().value();
  return loaded;
}

SetFileSummary read(std::string_view first, std::string_view second, RowSink sink) {
  SetFileReader reader({.file_name = "fuzz.ioc", .now_ns = kNsPerSecond, .guard = &guard()},
                       std::move(sink));
  reader.feed(first);
  reader.feed(second);
  return reader.finish();
}

bool is_found(const Index& index, const IndicatorRow& row) {
  switch (row.type) {
    case IndicatorType::kSha256:
    case IndicatorType::kSha1:
    case IndicatorType::kMd5: {
      std::vector<Indicator> out;
      index.images()[0]->find_digest(row.type, std::span(row.digest).first(digest_bytes(row.type)),
                                     0, out);
      return !out.empty();
    }
    case IndicatorType::kIp:
    case IndicatorType::kCidr:
      return !index.find(row.network.address, 0).empty();
    case IndicatorType::kDomain:
      return !index.find_domain(row.text, 0).empty();
    case IndicatorType::kUrl:
      return !index.find_url(row.text, 0).empty();
    case IndicatorType::kPath:
      return !index.find_path(row.text, 0).empty();
  }
  return false;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  IndexBuilder builder({{1, 2}});
  const auto file = builder.add_file("fuzz.ioc");
  std::vector<IndicatorRow> rows;
  const auto whole = read(text, {}, [&](const SetMeta& meta, const IndicatorRow& row) {
    rows.push_back(row);
    return builder.add(file, meta, row);
  });
  require(whole.accepted_total() == rows.size());
  const auto cut = size == 0 ? 0 : data[0] * size / 256;
  const auto parts = read(text.substr(0, cut), text.substr(cut),
                          [](const auto&, const auto&) { return Result<void>{}; });
  require(parts.accepted == whole.accepted && parts.refused == whole.refused &&
          parts.review == whole.review && parts.error == whole.error);

  auto built = builder.build();
  require(built.has_value());
  const auto owner = std::make_shared<const std::vector<std::byte>>(std::move(built->image));
  auto image = IndexImage::open(owner, *owner, IndexImage::Verify::kFull);
  require(image.has_value());
  const Index index({std::make_shared<const IndexImage>(std::move(*image))});
  for (const auto& row : rows)
    if (!row.expires_ns || *row.expires_ns > 0) require(is_found(index, row));
  return 0;
}
