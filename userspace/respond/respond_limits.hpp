// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstddef>
#include <cstdint>

namespace tocsin::limits {

// Addresses out of DNS answers that are denied at one time. Full: the ones that end first go,
// counted.
inline constexpr std::size_t kLearnedDenialsMax = 65'536;
// Longest isolation, ns; it is also what none given means at most.
inline constexpr std::int64_t kIsolationMostNs = 30LL * 24 * 3600 * 1'000'000'000;

}  // namespace tocsin::limits
