// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "base/ip_address.hpp"

namespace tocsin {

// Why an address that an indicator name resolves to is not watched for: it is nobody's server. The
// relay leaves such answers out and the daemon, which does not trust it, does so again.
enum class Unwatched : std::uint8_t {
  kLoopback,
  kPrivate,
  kUnspecified,
  kLinkLocal,
  kMulticast,
  kSinkhole
};
inline constexpr std::size_t kUnwatchedReasons = 6;
using UnwatchedCounts = std::array<std::uint64_t, kUnwatchedReasons>;  // by reason

// "loopback", "private", …
std::string_view to_string(Unwatched reason);

using IsSinkhole = std::function<bool(const IpAddress&)>;
// is_sinkhole may be empty: none is known.
std::optional<Unwatched> why_unwatched(const IpAddress& address, const IsSinkhole& is_sinkhole);

}  // namespace tocsin
