// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "indicators/index.hpp"

#include <algorithm>
#include <numeric>

#include "indicators/normalise.hpp"

namespace tocsin {
namespace {

template <std::size_t N>
std::vector<Indicator> find_digest(const std::vector<Index::Image>& images, IndicatorType type,
                                   const DigestOf<N>& digest, WallNs at) {
  std::vector<Indicator> out;
  for (const auto& image : images) image->find_digest(type, digest.bytes, at, out);
  return out;
}

}  // namespace

std::vector<Indicator> Index::find(const Sha256& digest, WallNs at) const {
  return find_digest(images_, IndicatorType::kSha256, digest, at);
}
std::vector<Indicator> Index::find(const Sha1& digest, WallNs at) const {
  return find_digest(images_, IndicatorType::kSha1, digest, at);
}
std::vector<Indicator> Index::find(const Md5& digest, WallNs at) const {
  return find_digest(images_, IndicatorType::kMd5, digest, at);
}

std::vector<Indicator> Index::find(const FileDigests& digests, WallNs at) const {
  std::vector<Indicator> out;
  for (const auto& image : images_) {
    image->find_digest(IndicatorType::kSha256, digests.sha256.bytes, at, out);
    if (digests.sha1) image->find_digest(IndicatorType::kSha1, digests.sha1->bytes, at, out);
    if (digests.md5) image->find_digest(IndicatorType::kMd5, digests.md5->bytes, at, out);
  }
  return out;
}

std::vector<Indicator> Index::find(const IpAddress& address, WallNs at) const {
  std::vector<Indicator> out;
  for (const auto& image : images_) image->find_address(address, at, out);
  return out;
}

std::vector<Indicator> Index::find_domain(std::string_view name, WallNs at) const {
  std::vector<Indicator> out;
  if (name.ends_with('.')) name.remove_suffix(1);
  if (name.empty() || name.size() > kDomainBytesMax) return out;
  std::array<char, kDomainBytesMax> lower;
  std::ranges::transform(name, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  });
  for (const auto& image : images_) image->find_name({lower.data(), name.size()}, at, out);
  return out;
}

std::vector<Indicator> Index::find_url(std::string_view url, WallNs at) const {
  std::vector<Indicator> out;
  for (const auto& image : images_) image->find_url(url, at, out);
  return out;
}

std::vector<Indicator> Index::find_path(std::string_view path, WallNs at) const {
  std::vector<Indicator> out;
  for (const auto& image : images_) image->find_path(path, at, out);
  return out;
}

std::array<std::uint64_t, kIndicatorTypes> Index::counts() const {
  std::array<std::uint64_t, kIndicatorTypes> out{};
  for (const auto& image : images_) {
    const auto counts = image->counts();
    for (std::size_t i = 0; i < out.size(); ++i) out[i] += counts[i];
  }
  return out;
}

std::uint64_t Index::size() const {
  const auto counts = this->counts();
  return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

std::size_t Index::bytes() const {
  std::size_t out = 0;
  for (const auto& image : images_) out += image->bytes();
  return out;
}

bool Index::holds(IndicatorType type) const {
  return std::ranges::any_of(images_, [&](const auto& image) { return image->holds(type); });
}

}  // namespace tocsin
