// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
// Any bytes as an index image, as they are and with size and checksums made right. What passes the
// full check must answer for every row it lists; what passes only the head must stay inside.
#include <cstdlib>
#include <memory>

#include "../support/index_seal.hpp"
#include "indicators/index_image.hpp"

namespace {

using namespace tocsin;
using Verify = IndexImage::Verify;

constexpr std::size_t kRowsAsked = 64;

// Number of indicators that the row's own value gives.
std::size_t ask(const IndexImage& image, const IndicatorRow& row) {
  constexpr WallNs kAt = 0;
  std::vector<Indicator> out;
  if (const auto width = digest_bytes(row.type); width != 0)
    image.find_digest(row.type, std::span(row.digest).first(width), kAt, out);
  else if (row.type == IndicatorType::kDomain)
    image.find_name(row.text, kAt, out);
  else if (row.type == IndicatorType::kUrl)
    image.find_url(row.text, kAt, out);
  else if (row.type == IndicatorType::kPath)
    image.find_path(row.text, kAt, out);
  else
    image.find_address(row.network.address, kAt, out);
  return out.size();
}

void use(const IndexImage& image, bool verified) {
  std::vector<IndicatorRow> rows;
  image.for_each([&](std::uint32_t, const SetMeta&, const IndicatorRow& row) {
    if (rows.size() < kRowsAsked) rows.push_back(row);
  });
  for (const auto& row : rows) {
    const auto found = ask(image, row);
    // Texts of a hostile image need not be canonical, so that asking canonically may miss them.
    const bool text = row.type == IndicatorType::kDomain || row.type == IndicatorType::kUrl;
    if (verified && found == 0 && !text) std::abort();
  }
  std::vector<Indicator> out;
  image.find_name("a.very.long.name.with.many.labels.evil.com", 0, out);
  image.find_address(*IpAddress::parse("203.0.113.1"), 0, out);
  image.find_address(*IpAddress::parse("2001:db8::1"), 0, out);
  image.find_digest(IndicatorType::kMd5, std::array<std::uint8_t, 16>{}, 0, out);
  (void)image.files();
  (void)image.counts();
}

void open(const std::vector<std::byte>& bytes, Verify verify) {
  const auto owner = std::make_shared<const std::vector<std::byte>>(bytes);
  if (const auto image = IndexImage::open(owner, *owner, verify))
    use(*image, verify == Verify::kFull);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto* begin = reinterpret_cast<const std::byte*>(data);
  std::vector<std::byte> bytes(begin, begin + size);
  open(bytes, Verify::kFull);
  test::seal(bytes);
  open(bytes, Verify::kFull);
  // Chains of an unverified image may be shared by all its rows; small ones keep this linear.
  if (size <= 64 * 1024) open(bytes, Verify::kHead);
  return 0;
}
