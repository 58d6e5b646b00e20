// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "indicators/ip_network.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace tocsin {
namespace {

bool same_prefix(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b,
                 std::uint8_t bits) {
  const std::size_t whole = bits / 8;
  if (!std::equal(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(whole), b.begin()))
    return false;
  const unsigned rest = bits % 8U;
  return rest == 0 || ((a[whole] ^ b[whole]) >> (8 - rest)) == 0;
}

}  // namespace

IpNetwork IpNetwork::single(const IpAddress& address) {
  return {address, static_cast<std::uint8_t>(address.is_v4() ? 32 : 128)};
}

IpNetwork IpNetwork::of(const IpAddress& address, std::uint8_t prefix) {
  std::array<std::uint8_t, 16> bytes{};
  std::ranges::copy(address.bytes(), bytes.begin());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const int keep = std::clamp(static_cast<int>(prefix) - static_cast<int>(8 * i), 0, 8);
    bytes[i] = static_cast<std::uint8_t>(bytes[i] & (0xff00U >> keep));
  }
  if (address.is_v4()) return {IpAddress::v4(std::span(bytes).first<4>()), prefix};
  return {IpAddress::v6(bytes), prefix};
}

bool IpNetwork::contains(const IpAddress& other) const {
  return address.is_v4() == other.is_v4() && same_prefix(address.bytes(), other.bytes(), prefix);
}

bool IpNetwork::overlaps(const IpNetwork& other) const {
  return address.is_v4() == other.address.is_v4() &&
         same_prefix(address.bytes(), other.address.bytes(), std::min(prefix, other.prefix));
}

std::string IpNetwork::to_string() const {
  return is_single() ? address.to_string() : address.to_string() + "/" + std::to_string(prefix);
}

}  // namespace tocsin
