// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstddef>
#include <cstdint>

namespace tocsin::limits {

// Self-proof --------------------------------------------------------------------------------------
// The canary's report, bytes. Longer: the rest is not read, and what it told is not proved.
inline constexpr std::size_t kCanaryReportBytesMax = 4'096;
// How long the canary may live. Longer: it is killed.
inline constexpr std::uint64_t kCanaryLifetimeNs = 4ULL * 1'000'000'000;
// An action that is not seen so long after it was done counts as unseen.
inline constexpr std::uint64_t kProofWaitNs = 5ULL * 1'000'000'000;
// An action that came through before and was not seen in so many proofs in a row is gone: a reason
// to start anew.
inline constexpr std::uint32_t kProofsUntilGone = 3;
// Delays kept of each action, for the percentiles. More: the oldest goes.
inline constexpr std::size_t kProofDelaysKept = 256;
// How long a self-test waits for the sinks. Longer: what is not written counts as not written.
inline constexpr std::uint64_t kSinkProofWaitNs = 3ULL * 1'000'000'000;

}  // namespace tocsin::limits
