// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <string>

#include "base/ip_address.hpp"

namespace tocsin {

// An address block: all bits of address beyond prefix are zero. A single address has the full
// prefix (32 or 128).
struct IpNetwork {
  IpAddress address;
  std::uint8_t prefix = 32;

  static IpNetwork single(const IpAddress& address);
  // Clears the host bits; prefix must not exceed the width of the address.
  static IpNetwork of(const IpAddress& address, std::uint8_t prefix);

  [[nodiscard]] std::uint8_t width() const { return address.is_v4() ? 32 : 128; }
  [[nodiscard]] bool is_single() const { return prefix == width(); }
  [[nodiscard]] bool contains(const IpAddress& other) const;
  // Blocks either nest or are disjoint.
  [[nodiscard]] bool overlaps(const IpNetwork& other) const;
  // "192.0.2.7" when single, else "192.0.2.0/24".
  [[nodiscard]] std::string to_string() const;

  friend bool operator==(const IpNetwork&, const IpNetwork&) = default;
};

}  // namespace tocsin
