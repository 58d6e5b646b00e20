// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstddef>
#include <cstdint>

// Of reading published documents.
namespace tocsin::limits {

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

}  // namespace tocsin::limits
