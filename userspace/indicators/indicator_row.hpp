// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "indicators/indicator.hpp"
#include "indicators/ip_network.hpp"

// What travels from a set file (or an older index) into the index builder: one set's own data, and
// one row at a time.
namespace tocsin {

// Kinds of value that are refused unless the set says that it means them.
struct GuardAllowance {
  bool loopback = false;
  bool private_addresses = false;
  bool link_local = false;
  bool multicast = false;
  bool public_suffix = false;
  friend bool operator==(const GuardAllowance&, const GuardAllowance&) = default;
};

struct SetMeta {
  std::string file;  // name of the file, the first half of Indicator::place
  std::string set;
  std::string campaign;
  std::string source;
  std::string tlp;
  Severity severity = Severity::kHigh;
  std::uint8_t confidence = 75;
  std::optional<WallNs> added_ns;
  std::optional<WallNs> expires_ns;
  GuardAllowance allow;
};

// Reused from row to row by the reader: strings keep their capacity. Only the member that fits
// type is meaningful; everything the row did not say is filled in from its set.
struct IndicatorRow {
  IndicatorType type = IndicatorType::kSha256;
  std::array<std::uint8_t, 32> digest{};  // first 32, 20 or 16 bytes
  IpNetwork network;                      // ip, cidr
  std::string text;                       // domain, url, path in canonical form

  bool exact = false;       // domain: without its subdomains
  bool host_match = false;  // url: its host alone is an indicator too
  std::string host;         // url with host_match: canonical name or address
  Severity severity = Severity::kHigh;
  std::uint8_t confidence = 75;
  std::uint16_t port = 0;
  std::uint32_t line = 0;
  std::string note;
  std::string source;  // empty: the set's
  std::optional<WallNs> added_ns;
  std::optional<WallNs> expires_ns;
};

// Bytes of digest that count, 0 for the other types.
constexpr std::size_t digest_bytes(IndicatorType type) {
  return type == IndicatorType::kSha256 ? 32
         : type == IndicatorType::kSha1 ? 20
         : type == IndicatorType::kMd5  ? 16
                                        : 0;
}

inline constexpr std::size_t kIndicatorTypes = 8;

}  // namespace tocsin
