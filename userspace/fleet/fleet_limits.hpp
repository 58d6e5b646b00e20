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
// Spool -------------------------------------------------------------------------------------------
// One item, bytes: a message with its headers fits the server's default. Longer: refused, counted.
inline constexpr std::size_t kSpoolItemBytesMax = 1'000'000;
// Ids of alerts that are known to be in the spool or sent, so that none is taken twice. Full: the
// oldest is forgotten; the broker and the reader still know it by its id.
inline constexpr std::size_t kSpooledIdsMax = 65'536;
// Damaged files kept beside it. More: the agent does not start, and says which to remove.
inline constexpr int kSpoolsSetAsideMax = 16;
inline constexpr std::size_t kSpoolReadBytesMax = 4 * 1024 * 1024;  // held of it in memory at once
// Messages on their way to the broker. Full: the rest waits in the spool.
inline constexpr std::size_t kPublishWindowMax = 512;

// Entries of one list in a beat: hooks, stages of loss. More: left out.
inline constexpr std::size_t kBeatListMax = 64;

// Messages of a stream that are read ahead of the loop, and their bytes. More: reading waits.
inline constexpr std::size_t kReadAheadMax = 4'096;
inline constexpr std::size_t kReadAheadBytesMax = 32 * 1024 * 1024;
// What one request for messages of a stream brings, bytes. A message that is longer comes alone.
inline constexpr std::int64_t kFetchBytesMax = 4 * 1024 * 1024;

// Who reads ------------------------------------------------------------------------------------
// Messages of one host, and their bytes, that wait for an earlier one. More: the gap is passed
// over.
inline constexpr std::size_t kHeldMessagesMax = 4'096;
inline constexpr std::size_t kHeldBytesMax = 16 * 1024 * 1024;
// Gaps of one host that a late message may still fill. More: the oldest is forgotten, and what
// fills it counts as told before.
inline constexpr std::size_t kGapsMax = 256;
// Alerts that are known by their own ids, of all hosts together. More: the oldest is forgotten, and
// told again if it comes again under a new number.
inline constexpr std::size_t kToldIdsMax = 262'144;
// Levels of JSON in what a host sent. Deeper: dropped, counted as strange.
inline constexpr std::size_t kFleetJsonDepthMax = 32;
// Hosts that one reader tells apart. More: their alerts are told as they come, and counted.
inline constexpr std::size_t kFleetHostsMax = 20'000;

// Event lines that are gathered for one message, bytes. Full, or a second later: it goes out.
inline constexpr std::size_t kEventBatchBytes = 256 * 1024;

// A certificate, a key or a CA file, bytes. Longer: refused.
inline constexpr std::size_t kFleetPemBytesMax = 64 * 1024;
// The first line that a server sends, bytes. Longer: its version stays unknown.
inline constexpr std::size_t kFleetInfoBytesMax = 64 * 1024;

}  // namespace tocsin::limits
