// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstddef>
#include <cstdint>

namespace tocsin::limits {

// Writing -----------------------------------------------------------------------------------------
// Single events waiting for the disk: some seconds of a busy host. Full: the newest are dropped,
// counted as history/events.
inline constexpr std::size_t kHistoryEventsPendingMax = 65'536;
// So many are written without waiting for the second to end.
inline constexpr std::size_t kHistoryEventsPerWrite = 10'000;
// Distinct sightings waiting for the disk. Full: new ones are dropped, counted as history/seen.
inline constexpr std::size_t kHistorySeenPendingMax = 65'536;
// Contents, minutes of loss, reported sightings that wait, each. Full: counted as history/seen.
inline constexpr std::size_t kHistoryNotesPendingMax = 16'384;
// A path or name in the history, bytes. Longer: cut.
inline constexpr std::size_t kHistoryTextBytesMax = 4'096;
// Alerts waiting for their file, and their bytes. Full: the newest is not stored (the sinks have
// it), counted as history/alerts, and an alert says so.
inline constexpr std::size_t kHistoryAlertsPendingMax = 65'536;
inline constexpr std::size_t kHistoryAlertBytesPendingMax = 64UL * 1024 * 1024;
// Rows of seen. Full: a twentieth goes, of whoever has the most those unseen for longest; meta
// tells. So many of the largest are looked at.
inline constexpr std::size_t kSeenRowsMax = 2'000'000;
inline constexpr std::size_t kEvictionGroupsMax = 16;
// Rows of alert. Full: the oldest go.
inline constexpr std::size_t kStoredAlertsMax = 200'000;
inline constexpr std::size_t kHistoryIdsMax = 8'192;        // texts whose number is known in memory
inline constexpr std::size_t kHistoryBrokenKept = 3;        // damaged files set aside, of one name
inline constexpr std::size_t kHistoryDeleteSlice = 10'000;  // rows removed in one transaction
// Facts of processes and of ancestries kept at hand. Full: the least used goes and is made anew.
inline constexpr std::size_t kHistoryWhoMax = 8'192;
// Records that wait for the digest of their program, and how long. Full or over: filed under its
// path.
inline constexpr std::size_t kHistoryHeldMax = 16'384;
inline constexpr std::uint64_t kHistoryHeldNs = 10ULL * 1'000'000'000;
// So often a program that runs on is seen again; and processes looked at for that each second.
inline constexpr std::uint64_t kHistoryLivingEveryNs = 600ULL * 1'000'000'000;
inline constexpr std::size_t kHistoryLivingStep = 512;
// Alerts of the file that one step of an answer reads, and their bytes.
inline constexpr std::size_t kStoredAlertsPage = 256;
inline constexpr std::size_t kStoredAlertsPageBytes = 1024UL * 1024;

// Hunting and matching by hindsight
// ---------------------------------------------------------------- Values of one request on the
// control socket; more are refused (the command asks several times).
inline constexpr std::size_t kHuntValuesMax = 4'096;
// Rows looked at for one value, and for all of one request. More: the answer says "at least".
inline constexpr std::size_t kHuntRowsPerValueMax = 20'000;
inline constexpr std::size_t kHuntRowsMax = 2'000'000;
// Rows read for one request, of whatever time, and how long that may take. Over: what was not
// looked at is "cannot know".
inline constexpr std::uint64_t kHuntVisitsMax = 10'000'000;
inline constexpr std::uint64_t kHuntNs = 10ULL * 1'000'000'000;
// Hunts that wait for the one that is answered. More are refused.
inline constexpr std::size_t kHuntsWaitingMax = 16;
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

// The contacts of one program
// ------------------------------------------------------------------------------------ Contacts in
// one answer, the latest. More: counted as far as the search went.
inline constexpr std::size_t kContactsMax = 2'000;
// Ends of connections in one day's file that wait for their contact, the latest. More: those
// contacts have no bytes.
inline constexpr std::size_t kContactClosesMax = 16'384;
// Other destinations of the program, other programs at the destination, earlier contents of the
// file: of each so many in one answer. More: a count.
inline constexpr std::size_t kContactNeighboursMax = 20;
// How long the files of days are searched. Over: the answer says since when it is whole.
inline constexpr std::uint64_t kContactsSearchNs = 3ULL * 1'000'000'000;

}  // namespace tocsin::limits
