// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstddef>
#include <cstdint>

// Every limit of the daemon in one place: name with unit, and what happens at it.
namespace tocsin::limits {

// Capture -----------------------------------------------------------------------------------------
// Ring buffer, bytes, a power of two. Full: the event is lost and counted by kind.
inline constexpr std::size_t kRingBytes = 8 * 1024 * 1024;
// Longest wire event a decoder accepts; longer is a decode error, counted.
inline constexpr std::size_t kWireEventBytesMax = 24 * 1024;

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

// Extraction from documents -----------------------------------------------------------------------
// One document, bytes. Longer: refused.
inline constexpr std::size_t kExtractDocumentBytesMax = 1024UL * 1024 * 1024;
// Documents that are read as a whole or re-encoded (HTML, OpenIOC, UTF-16, Windows-1252), bytes.
// Longer: refused.
inline constexpr std::size_t kExtractWholeBytesMax = 128UL * 1024 * 1024;
// A line of text or a table row, bytes. A longer line is read in pieces that end at a blank; a
// longer row is refused with its place.
inline constexpr std::size_t kExtractLineBytesMax = 64UL * 1024;
inline constexpr std::size_t kExtractCellsMax = 512;  // of one row; more: the row is refused
// Different values of one document that are collected. More: the document is refused.
inline constexpr std::size_t kExtractCandidatesMax = 2UL * 1024 * 1024;
inline constexpr std::size_t kExtractFaultsShownMax = 100;  // the rest is a count
inline constexpr std::size_t kExtractLinksMax = 1'000;      // kept as provenance; the rest is not
// Nesting of JSON and XML, of a STIX pattern. Deeper: the document, the pattern is refused.
inline constexpr std::size_t kExtractDepthMax = 64;
// Text of one JSON object that is looked at as a whole, bytes. More: the document is refused.
inline constexpr std::size_t kExtractObjectBytesMax = 16UL * 1024 * 1024;
// STIX indicators kept until the newest version of each is known. More: the document is refused.
inline constexpr std::size_t kExtractStixIndicatorsMax = 1024UL * 1024;
// Comparisons in one STIX pattern or one OpenIOC tree. More: the pattern is held as a whole.
inline constexpr std::size_t kExtractPatternTermsMax = 4'096;
// What pdftotext may write, bytes, and how long it may take.
inline constexpr std::size_t kExtractPdfTextBytesMax = 64UL * 1024 * 1024;
inline constexpr std::uint64_t kExtractPdfNs = 60ULL * 1'000'000'000;

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
inline constexpr std::size_t kControlJsonDepthMax = 16;  // deeper requests are refused

}  // namespace tocsin::limits
