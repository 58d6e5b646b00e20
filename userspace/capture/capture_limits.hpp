// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>

// What the kernel side's response holds; memory is taken only where it is switched on.
namespace tocsin::limits {

// Networks and single addresses that are denied or spared, those of answers included. Full: the
// rest is not refused, counted and told.
inline constexpr std::uint32_t kDeniedNetworksMax = 262'144;
inline constexpr std::uint32_t kDeniedNamesMax = 262'144;
inline constexpr std::uint32_t kDeniedDigestsMax = 131'072;
// Known bad files by identity. Full: as above.
inline constexpr std::uint32_t kBadFilesMax = 16'384;
// Files with a lasting verdict about their content; the least recently used goes and is hashed
// anew.
inline constexpr std::uint32_t kJudgedFilesMax = 32'768;
// A file that changed less than this ago is judged, but the verdict is not kept: longer than the
// grain of file times, a jiffy of 10 ms at most.
inline constexpr std::uint64_t kContentSettledNs = 100'000'000;
// Addresses out of DNS answers are denied for their TTL within these bounds, ns.
inline constexpr std::uint64_t kDeniedAnswerLeastNs = 300ULL * 1'000'000'000;
inline constexpr std::uint64_t kDeniedAnswerMostNs = 24ULL * 3600 * 1'000'000'000;
// Networks of an isolation's allow-list. More: it is refused.
inline constexpr std::uint32_t kIsolationAllowMax = 1'024;

}  // namespace tocsin::limits
