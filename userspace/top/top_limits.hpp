// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstddef>

// What the live view keeps. Beyond a limit the row that was seen longest ago goes, counted.
namespace tocsin::limits {

inline constexpr std::size_t kTopProgramsMax = 512;      // rows
inline constexpr std::size_t kTopDestinationsMax = 512;  // rows
inline constexpr std::size_t kTopAlertsMax = 256;        // the latest
inline constexpr std::size_t kTopBeaconsMax = 256;       // the most regular
inline constexpr std::size_t kTopTextBytesMax = 512;     // of one name, path or message shown
// One event or alert is kept as it came for its page; longer ones are shown by their row only.
inline constexpr std::size_t kTopLineBytesMax = 16 * 1024;
inline constexpr std::size_t kTopFilterBytesMax = 64;
inline constexpr std::size_t kTopIntervalsMax = 40;  // of one beacon

// Items taken from the stream in a row before keys and the clock have their turn.
inline constexpr std::size_t kTopItemsPerTurn = 2048;

}  // namespace tocsin::limits
