// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstddef>
#include <cstdint>

namespace tocsin::limits {

// Addresses out of DNS answers that are denied at one time, of all names and of one listed name.
// Full: the one that ends first goes, counted.
inline constexpr std::size_t kLearnedDenialsMax = 65'536;
inline constexpr std::size_t kLearnedOfNameMax = 1'024;
// Entries of the kernel's table that are looked at in one second for addresses whose time is over.
inline constexpr std::size_t kSweepLooks = 256;
// Least time from one walk over all indicators to the next, when the next is for single values that
// expired: the kernel side lets go of each at its own time, and a set may let one expire a second.
inline constexpr std::int64_t kExpiryWalkGapNs = 60LL * 1'000'000'000;
// Networks of guard lists that are spared beforehand. More: they are taken back after the answer.
inline constexpr std::size_t kSparedBeforehandMax = 16'384;
// Longest isolation, ns; it is also what none given means at most.
inline constexpr std::int64_t kIsolationMostNs = 30LL * 24 * 3600 * 1'000'000'000;

// The host's own addresses and name servers that are let pass or spared, and bytes of each file
// that is read for them. More: the rest is not.
inline constexpr std::size_t kHostAddressesMax = 512;
inline constexpr std::size_t kHostAddressBytesMax = 1024 * 1024;

}  // namespace tocsin::limits
