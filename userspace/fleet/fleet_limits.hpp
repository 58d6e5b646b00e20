// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstddef>
#include <cstdint>

// Limits of the fleet: name with unit, and what happens at each.
namespace tocsin::limits {

// One message to or from the broker, bytes; the server's default is 1 MiB. Longer: refused here.
inline constexpr std::size_t kFleetMessageBytesMax = 1024 * 1024;
// Messages of one subscription that wait for the loop, and their bytes. More: dropped, counted.
inline constexpr int kFleetInboxMax = 65'536;
inline constexpr int kFleetInboxBytesMax = 64 * 1024 * 1024;
// What the library holds while it is not connected, bytes. More: the publish fails.
inline constexpr int kFleetReconnectBytesMax = 256 * 1024;
// A certificate, a key or a CA file, bytes. Longer: refused.
inline constexpr std::size_t kFleetPemBytesMax = 64 * 1024;
// The first line that a server sends, bytes. Longer: its version stays unknown.
inline constexpr std::size_t kFleetInfoBytesMax = 64 * 1024;

}  // namespace tocsin::limits
