// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/digest.hpp"
#include "indicators/index_image.hpp"

namespace tocsin {

// Everything that is watched for, as one immutable value: the image compiled from the text sets and
// one mapped image for each compiled file. Shared by pointer and swapped whole; any thread may ask.
//
// Each find returns all indicators that hold for the value at the given time (at most
// kIndicatorMatchesMax), most specific last for names and first for addresses. A miss allocates
// nothing.
class Index {
 public:
  using Image = std::shared_ptr<const IndexImage>;

  Index() = default;
  explicit Index(std::vector<Image> images) : images_(std::move(images)) {}

  [[nodiscard]] std::vector<Indicator> find(const Sha256& digest, WallNs at) const;
  [[nodiscard]] std::vector<Indicator> find(const Sha1& digest, WallNs at) const;
  [[nodiscard]] std::vector<Indicator> find(const Md5& digest, WallNs at) const;
  // All digests of one file; an indicator that names two of them comes once for each.
  [[nodiscard]] std::vector<Indicator> find(const FileDigests& digests, WallNs at) const;
  [[nodiscard]] std::vector<Indicator> find(const IpAddress& address, WallNs at) const;
  // A name as it stands in a DNS message or a TLS hello: any case, with or without final dot.
  // Whole labels from the right; "www.journalide.org" finds "journalide.org".
  [[nodiscard]] std::vector<Indicator> find_domain(std::string_view name, WallNs at) const;
  // Canonical values, see normalise.hpp.
  [[nodiscard]] std::vector<Indicator> find_url(std::string_view url, WallNs at) const;
  [[nodiscard]] std::vector<Indicator> find_path(std::string_view path, WallNs at) const;

  // Files are read for these digests only when an indicator needs them.
  [[nodiscard]] bool need_sha1() const { return holds(IndicatorType::kSha1); }
  [[nodiscard]] bool need_md5() const { return holds(IndicatorType::kMd5); }

  // Distinct values by type, summed over the images.
  [[nodiscard]] std::array<std::uint64_t, kIndicatorTypes> counts() const;
  [[nodiscard]] std::uint64_t size() const;
  [[nodiscard]] std::size_t bytes() const;
  [[nodiscard]] const std::vector<Image>& images() const { return images_; }

 private:
  [[nodiscard]] bool holds(IndicatorType type) const;
  std::vector<Image> images_;
};

}  // namespace tocsin
