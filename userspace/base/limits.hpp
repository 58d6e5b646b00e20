// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstddef>
#include <cstdint>

// Limits that several stages share, and those of the early ones: name with unit, and what happens
// at it. A later stage's own stand in its folder, in STAGE_limits.hpp, in the same namespace.
namespace tocsin::limits {

// Capture -----------------------------------------------------------------------------------------
// Ring buffer, bytes, a power of two. Full: the event is lost and counted by kind.
inline constexpr std::size_t kRingBytes = 8 * 1024 * 1024;
// Longest wire event a decoder accepts; longer is a decode error, counted.
inline constexpr std::size_t kWireEventBytesMax = 24 * 1024;

// Capture files: VLAN tags and IPv6 extension headers of one packet. More: counted as not IP or
// malformed.
inline constexpr std::size_t kVlanTagsMax = 4;
inline constexpr std::size_t kIpv6ExtensionsMax = 16;
// Payload of one IP packet in fragments, bytes, and its fragments. More: given up, counted.
inline constexpr std::size_t kIpPacketBytesMax = 65'535;
inline constexpr std::size_t kIpFragmentsMax = 64;
// Packets whose fragments are awaited. Full: the longest-silent is given up, counted.
inline constexpr std::size_t kIpPacketsInFragmentsMax = 256;
inline constexpr std::uint64_t kIpFragmentWaitNs = 30ULL * 1'000'000'000;  // RFC 1122: 15 s or more
// Flows of a capture file that are told apart. Full: the longest-silent is forgotten, and what
// comes of it later is a flow seen from its middle.
inline constexpr std::size_t kCaptureFlowsMax = 65'536;
// Events of a capture file behind a connect that waits for its outcome and name. Full: it goes out
// as it is.
inline constexpr std::size_t kCaptureHeldMax = 65'536;

// Processes ---------------------------------------------------------------------------------------
// Process table entries. Full: the longest-exited go first, then the longest-silent, counted.
inline constexpr std::size_t kProcessesMax = 65'536;
// How long an exited process stays for late events and lineage.
inline constexpr std::uint64_t kProcessGraceNs = 60ULL * 1'000'000'000;
// Exited processes kept in all; more: the longest-exited goes at once.
inline constexpr std::size_t kExitedKeptMax = 8'192;
// Ancestors shown in an alert.
inline constexpr std::size_t kLineageDepthMax = 16;
inline constexpr std::size_t kCgroupsMax = 16'384;  // oldest dropped

// Hashing -----------------------------------------------------------------------------------------
// Files waiting for a hash. Full: the request is a counted miss (queue-full).
inline constexpr std::size_t kHashQueueMax = 4'096;
// Executions waiting for these files; more can wait for one file. Full: as above.
inline constexpr std::size_t kHashTicketsMax = 65'536;
inline constexpr std::size_t kHashCacheEntriesMax = 65'536;  // least recently used goes
// Roots of mount namespaces kept open: each pins the mounts of a container.
inline constexpr std::size_t kRootCacheMax = 256;

// Metrics -----------------------------------------------------------------------------------------
// Connections to the relay's metrics page at one time. More: they wait or are refused.
inline constexpr std::size_t kMetricsClientsMax = 16;

// Indicators --------------------------------------------------------------------------------------
// One line of an indicator file, bytes. Longer: the line is refused with its number.
inline constexpr std::size_t kIndicatorLineBytesMax = 16 * 1024;
// Refusals reported one by one per file; the rest is a count.
inline constexpr std::size_t kIndicatorRefusalsShownMax = 100;
// A URL, a path, a note, bytes. Longer: the line is refused.
inline constexpr std::size_t kIndicatorTextBytesMax = 4 * 1024;
// Files of all configured folders together. More: the rest is not loaded and reported.
inline constexpr std::size_t kIndicatorFilesMax = 1'024;
// Rows of all files together. Full: further rows are refused, counted.
inline constexpr std::size_t kIndicatorsMax = 32 * 1024 * 1024;
// Indicators one look-up returns. More: the rest is left out.
inline constexpr std::size_t kIndicatorMatchesMax = 64;
// One set that is imported, bytes of the native format. Larger: refused.
inline constexpr std::size_t kImportBytesMax = 512UL * 1024 * 1024;

// Feeds -------------------------------------------------------------------------------------------
inline constexpr std::size_t kFeedsMax = 64;  // more are faults of feeds.toml
// Most that max_bytes of a feed may be. A longer download is broken off.
inline constexpr std::size_t kFeedBytesMax = 512UL * 1024 * 1024;
// The signature beside a feed, bytes. Longer: broken off.
inline constexpr std::size_t kFeedSignatureBytesMax = 16 * 1024;

// Active look-ups ---------------------------------------------------------------------------------
// Indicator names that are asked for. More: the rest is not, counted.
inline constexpr std::size_t kResolvedNamesMax = 200'000;
inline constexpr std::size_t kQuestionsInFlightMax = 64;  // more wait
inline constexpr std::size_t kResolvedAddressesMax = 64;  // of one name; more are left out
inline constexpr std::size_t kResolvedBatchMax = 128;     // names told to the daemon at once

// Guard lists -------------------------------------------------------------------------------------
// Files of all guard folders together. More: the rest is not loaded and reported.
inline constexpr std::size_t kGuardFilesMax = 1'024;
// One guard list, bytes; the largest published ones hold a million names. Larger: refused.
inline constexpr std::size_t kGuardFileBytesMax = 64 * 1024 * 1024;
inline constexpr std::size_t kGuardListDepthMax = 8;  // levels of JSON; deeper: refused
// Substrings or regular expressions of one list. More: the list is refused.
inline constexpr std::size_t kGuardPatternsMax = 16'384;
// Memory of one list's compiled patterns. More: the list is refused.
inline constexpr std::int64_t kGuardPatternBytesMax = 64LL * 1024 * 1024;

// Names -------------------------------------------------------------------------------------------
// Addresses with names, over all network namespaces. Full: the longest unused goes, counted.
inline constexpr std::size_t kNamedAddressesMax = 65'536;
// Names of one address. More: the longest unheard goes, counted; how many there were is kept.
inline constexpr std::size_t kNamesPerAddressMax = 16;
// Memory of all names. Full: the longest unused address goes, counted.
inline constexpr std::size_t kNameCacheBytesMax = 32 * 1024 * 1024;
// DNS questions remembered for ten seconds. Full: the oldest goes, counted.
inline constexpr std::size_t kOpenQuestionsMax = 16'384;
// Addresses that indicator names resolve to. Full: the longest unheard goes, counted.
inline constexpr std::size_t kWatchedAddressesMax = 65'536;

// A name in text form, escapes included. Longer: the message is malformed.
inline constexpr std::size_t kDnsNameBytesMax = 1'024;
// One reply of the resolver's monitor. Longer: the connection is made anew, counted.
inline constexpr std::size_t kMonitorMessageBytesMax = 256 * 1024;
// Records of a DNS answer that are kept. More: the message is flagged cut.
inline constexpr std::size_t kDnsAnswersMax = 64;
// Records passed over on the way to OPT. More: the message counts as one without OPT.
inline constexpr std::size_t kDnsRecordsSkippedMax = 256;
// Address hints of one SVCB or HTTPS record, and bytes of its text. More: the rest is left out.
inline constexpr std::size_t kDnsHintsMax = 16;
inline constexpr std::size_t kDnsDataTextMax = 1'024;
// ClientHello, handshake header included, bytes: post-quantum key shares and padding fit several
// times. Longer: what stands before is used and flagged cut.
inline constexpr std::size_t kClientHelloBytesMax = 20 * 1024;
// More extensions or, of ALPN, protocols: the hello is malformed; the rest is left out.
inline constexpr std::size_t kTlsExtensionsMax = 256;
inline constexpr std::size_t kAlpnMax = 16;
// Head of an HTTP request, bytes. No host until then: an event without host, flagged cut.
inline constexpr std::size_t kHttpHeadBytesMax = 8 * 1024;
// First bytes of one TCP stream that are held: a ClientHello and the headers of its records.
inline constexpr std::size_t kStreamStartBytesMax = kClientHelloBytesMax + 1024;
// Segments of one stream that wait for an earlier one. More: left out, counted.
inline constexpr std::size_t kStreamPiecesMax = 32;
// Streams whose start is watched. Full: the longest-silent goes, counted.
inline constexpr std::size_t kStreamStartsMax = 4'096;
// Bytes held by all of them. Full: the longest-silent go, counted.
inline constexpr std::size_t kStreamStartsBytesMax = 16 * 1024 * 1024;
// A stream start silent for so long is told as far as it was seen, flagged cut, and forgotten.
inline constexpr std::uint64_t kStreamStartWaitNs = 5ULL * 1'000'000'000;
// Streams that were decided are remembered for so long, so that a repeated segment tells nothing.
// Full: the longest-silent goes; a repeat of its hello would be told again.
inline constexpr std::uint64_t kStreamDecidedNs = 60ULL * 1'000'000'000;
inline constexpr std::size_t kStreamsDecidedMax = 16'384;
// QUIC connections whose hello is awaited, and as many that were decided. Full: the longest-silent
// goes, counted.
inline constexpr std::size_t kQuicConnectionsMax = 2'048;
// Bytes of CRYPTO frames held of all of them. Full: the longest-silent go, counted.
inline constexpr std::size_t kQuicBytesMax = 8 * 1024 * 1024;
// CRYPTO frames of one connection that wait for an earlier one: some clients shuffle them on
// purpose. More: the packet counts as malformed.
inline constexpr std::size_t kQuicPiecesMax = 128;
// Packets read of one datagram. More: the rest is left alone; a client's first datagrams have two.
inline constexpr std::size_t kQuicCoalescedMax = 8;
// DNS over TCP: directions of connections that are followed. Full: the longest-silent goes,
// counted.
inline constexpr std::size_t kDnsStreamsMax = 256;
// Bytes held of one: a message and its length, and what came too early. Full: the stream goes on at
// the segment that did not fit, counted.
inline constexpr std::size_t kDnsStreamBytesMax = 68 * 1024;
inline constexpr std::uint64_t kDnsStreamIdleNs = 120ULL * 1'000'000'000;  // silent: forgotten
// Alerts and sinks --------------------------------------------------------------------------------
// Records waiting for one sink. Full: oldest dropped, counted.
inline constexpr std::size_t kSinkQueueMax = 4'096;
// Memory of the records waiting for one sink. Full: oldest dropped, counted.
inline constexpr std::size_t kSinkQueueBytesMax = 32 * 1024 * 1024;
inline constexpr std::size_t kAlertsKeptMax = 4'096;  // in memory for the control socket
inline constexpr std::size_t kFoldKeysMax = 8'192;    // findings remembered for folding
inline constexpr std::uint64_t kFoldWindowNs = 3'600ULL * 1'000'000'000;
// Memory of repeats that wait for the end of their window. Full: the oldest window ends early.
inline constexpr std::size_t kFoldHeldBytesMax = 16 * 1024 * 1024;
// Bytes of an ancestor's arguments in an alert; the subject's are shown whole. More: cut, flagged.
inline constexpr std::size_t kAncestorArgsBytesMax = 1'024;

// Control socket ----------------------------------------------------------------------------------
inline constexpr std::size_t kControlClientsMax = 32;  // more are refused with a message
inline constexpr std::size_t kControlRequestBytesMax = 64 * 1024;  // longer closes the connection
inline constexpr std::size_t kControlBacklogBytesMax =
    4 * 1024 * 1024;  // a reader this far behind is cut off
inline constexpr std::uint64_t kControlIdleNs = 60ULL * 1'000'000'000;  // no request: closed
// Of the clients, these are kept for user 0: others cannot lock the administrator out.
inline constexpr std::size_t kControlRootReserve = 4;
// Waiting for one reader: from here on events are dropped for it and counted, alerts still queue.
inline constexpr std::size_t kControlSoftBacklogBytes = 1024 * 1024;
// What the relay may tell about its feeds, bytes of JSON. More: refused.
inline constexpr std::size_t kFeedReportBytesMax = 48 * 1024;
inline constexpr std::size_t kControlJsonDepthMax = 16;  // deeper requests are refused

}  // namespace tocsin::limits
