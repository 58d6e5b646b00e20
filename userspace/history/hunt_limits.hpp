// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstddef>
#include <cstdint>

// Limits of hunting and hindsight: name with unit, and what happens at it.
namespace tocsin::limits {

// Values of one request on the control socket; more are refused (the command asks several times).
inline constexpr std::size_t kHuntValuesMax = 4'096;
// Rows looked at for one value, and for all of one request. More: the answer says "at least".
inline constexpr std::size_t kHuntRowsPerValueMax = 20'000;
inline constexpr std::size_t kHuntRowsMax = 2'000'000;
inline constexpr std::size_t kHuntContentsMax = 64;  // files with one SHA-1 or MD5; more left out
// Sightings of one value in an answer: the first and the latest. More: a count.
inline constexpr std::size_t kHuntSightingsMax = 20;
// Sightings in one answer, bytes of JSON. More: values are answered without them, and it says so.
inline constexpr std::size_t kHuntAnswerBytesMax = 2UL * 1024 * 1024;
// Single events shown of one value, and values whose events are looked for. More: left out.
inline constexpr std::size_t kHuntOccurrencesMax = 5;
inline constexpr std::size_t kHuntOccurringMax = 20;
// How long the files of days are searched for them in one request. Over: what was found is shown.
inline constexpr std::uint64_t kHuntOccurrencesNs = 2ULL * 1'000'000'000;
// Gaps and blind periods told one by one; the rest is a count and a sum.
inline constexpr std::size_t kCoverageGapsMax = 20;
// Rows of the history that one step of a retro-match looks at.
inline constexpr std::size_t kRetroSliceRows = 20'000;
// Findings of one retro-match that are kept until its end. More: counted, told by the next one.
inline constexpr std::size_t kRetroFindingsMax = 20'000;
// Alerts of one retro-match, the loudest first. More: one alert tells how many.
inline constexpr std::size_t kRetroAlertsMax = 1'000;
// Marks of live alerts that wait for the end of a retro-match. Full: they are made at once, and
// what was seen before such an alert is not told again.
inline constexpr std::size_t kRetroHeldMarksMax = 16'384;
inline constexpr std::size_t kRetroProgramsMax = 10;  // shown in one alert; the rest is a count

}  // namespace tocsin::limits
