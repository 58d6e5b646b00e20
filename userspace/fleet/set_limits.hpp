// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstddef>
#include <cstdint>

namespace tocsin::limits {

// One manifest, bytes. Longer: refused.
inline constexpr std::size_t kManifestBytesMax = 32UL * 1024;
// One part of a set, bytes: half of what a server takes as one message.
inline constexpr std::size_t kSetChunkBytesMax = 512UL * 1024;
// One set, bytes: some million indicators. Longer: refused, by who publishes and by who fetches.
inline constexpr std::size_t kFleetSetBytesMax = 256UL * 1024 * 1024;
inline constexpr std::size_t kFleetSetNameBytesMax = 64;  // longer: no name of a set
// Sets that a host follows. More are faults of the configuration.
inline constexpr std::size_t kFleetSetsMax = 64;
// How long one part is waited for, and how often it is asked for.
inline constexpr std::uint64_t kSetChunkWaitMs = 10'000;
inline constexpr unsigned kSetChunkTriesMax = 3;
// After trouble that may pass (no daemon, a part that did not come): the first and the longest wait
// before the next try.
inline constexpr std::uint64_t kSetRetryFirstNs = 5ULL * 1'000'000'000;
inline constexpr std::uint64_t kSetRetryMostNs = 600ULL * 1'000'000'000;
// So often the latest manifests are asked for, whatever was heard.
inline constexpr std::uint64_t kSetLookEveryNs = 300ULL * 1'000'000'000;

// Refusals of one set that are logged and sent at once: one in so long. More: in the next beat.
inline constexpr std::uint64_t kSetToldEveryNs = 2ULL * 1'000'000'000;

}  // namespace tocsin::limits
