// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "base/ip_address.hpp"

namespace tocsin {

// The IPv4 address that is meant by an address in the well-known prefix of translators,
// 64:ff9b::/96 (RFC 6052); nullopt: it is none. A site's own prefix cannot be known.
inline std::optional<IpAddress> behind_nat64(const IpAddress& address) {
  constexpr std::array<std::uint8_t, 12> kPrefix = {0, 0x64, 0xff, 0x9b};
  constexpr std::size_t kV6Bytes = 16, kV4Bytes = 4;
  if (address.is_v4()) return std::nullopt;
  const auto bytes = address.bytes().first<kV6Bytes>();
  if (!std::equal(kPrefix.begin(), kPrefix.end(), bytes.begin())) return std::nullopt;
  return IpAddress::v4(bytes.last<kV4Bytes>());
}

}  // namespace tocsin
