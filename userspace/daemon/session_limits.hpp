// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstddef>
#include <cstdint>

namespace tocsin::limits {

// Login sessions remembered. Full: the one silent for longest goes.
inline constexpr std::size_t kSessionsMax = 512;
// Different programs, and different destinations, of one session. More: counted together.
inline constexpr std::size_t kSessionItemsMax = 32;
inline constexpr std::size_t kSessionTextBytesMax = 256;  // of one of them; longer: cut
// A session that came over no network (cron, the console) is forgotten so long after its end; one
// that did stays until there is no room.
inline constexpr std::uint64_t kSessionLocalKeepNs = 60ULL * 1'000'000'000;
// Searches for the other end of a connection that wait. Full: that session's origin stays unknown.
inline constexpr std::size_t kPeerLookupsMax = 256;

}  // namespace tocsin::limits
