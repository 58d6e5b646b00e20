// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/digest.hpp"
#include "base/ip_address.hpp"

namespace tocsin {

// Values of seen.kind and seen.flags, and how seen.value is written: docs/history.md. Numbers are
// on disk and do not change.
enum class SeenKind : std::uint8_t {
  kProgram = 1,
  kScript = 2,
  kModule = 3,
  kName = 4,
  kDestination = 5,
};

std::string_view to_string(SeenKind kind);  // "program", …

enum class SeenFlag : std::uint32_t {
  kRunningBefore = 1U << 0,  // was there when coverage began: since when is not known
  kUnhashed = 1U << 1,       // value or subject is a path, not a digest
  // names
  kAsked = 1U << 2,
  kAnswered = 1U << 3,
  kTlsHello = 1U << 4,
  kQuicHello = 1U << 5,
  kHttpHost = 1U << 6,
  kContacted = 1U << 7,   // an address was contacted under this name
  kMaybeMeant = 1U << 8,  // an address was contacted that has this name among others
  kByResolver = 1U << 9,  // told by the resolver's monitor, or asked by a resolver
  // destinations
  kConnected = 1U << 10,
  kRefused = 1U << 11,
  kNoAnswer = 1U << 12,  // timeout, unreachable
  kDatagram = 1U << 13,
  // programs
  kMemfd = 1U << 14,
  kUnlinked = 1U << 15,
};

// "www.officeaddons.com" <-> "com.officeaddons.www". name: lower case, no final dot.
std::string reversed_labels(std::string_view name);

// A half-open range of values, as BLOBs compare.
struct ValueRange {
  std::string from, to;  // to is not in it
};

// Covers the domain itself and every name below it, and a few neighbours ("com.evil-twin" lies
// between "com.evil" and "com.evil.www"): the reader compares whole labels.
ValueRange subdomains_of(std::string_view domain);

struct SeenDestination {
  IpAddress address;
  std::uint16_t port = 0;
  std::uint8_t protocol = 0;  // IPPROTO_*
};
inline constexpr std::size_t kSeenDestinationBytes = 19;

std::string to_value(const SeenDestination& destination);
std::optional<SeenDestination> destination_of(std::string_view value);  // nullopt: not one
std::string to_value(const Sha256& digest);

}  // namespace tocsin
