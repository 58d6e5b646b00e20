// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace tocsin {

// An IPv4 or IPv6 address. v4-mapped IPv6 (::ffff:a.b.c.d) is always stored as IPv4, so that one
// address has one value. Bytes are in network order; IPv4 uses the first four.
class IpAddress {
 public:
  IpAddress() = default;
  static IpAddress v4(std::span<const std::uint8_t, 4> bytes);
  static IpAddress v6(std::span<const std::uint8_t, 16> bytes);
  // Strict textual form (inet_pton); no brackets, no zone, no leading zeros.
  static std::optional<IpAddress> parse(std::string_view text);

  [[nodiscard]] bool is_v4() const { return is_v4_; }
  [[nodiscard]] std::span<const std::uint8_t> bytes() const {
    return {bytes_.data(), is_v4_ ? std::size_t{4} : std::size_t{16}};
  }
  // RFC 5952.
  [[nodiscard]] std::string to_string() const;
  [[nodiscard]] bool is_loopback() const;
  [[nodiscard]] bool is_unspecified() const;
  [[nodiscard]] bool is_link_local() const;
  // RFC 1918, RFC 6598, fc00::/7.
  [[nodiscard]] bool is_private() const;
  [[nodiscard]] bool is_multicast() const;

  friend auto operator<=>(const IpAddress&, const IpAddress&) = default;
  [[nodiscard]] std::size_t hash() const;

 private:
  std::array<std::uint8_t, 16> bytes_{};
  bool is_v4_ = true;
};

struct IpAddressHash {
  std::size_t operator()(const IpAddress& a) const { return a.hash(); }
};

}  // namespace tocsin
