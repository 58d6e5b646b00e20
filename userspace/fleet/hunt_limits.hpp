// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstddef>
#include <cstdint>

namespace tocsin::limits {

// Questions ---------------------------------------------------------------------------------------
// One signed question, bytes: below what a server takes as one message (1 MiB). Longer: it is not
// made, and not read. Its values are kHuntValuesMax at most.
inline constexpr std::size_t kQuestionBytesMax = 768UL * 1024;
// From issue to expiry. Later: the question is refused.
inline constexpr std::uint64_t kQuestionLifeNs = 7ULL * 86'400 * 1'000'000'000;
// A question issued this far ahead of the host's clock is refused.
inline constexpr std::uint64_t kQuestionAheadNs = 600ULL * 1'000'000'000;
// Questions that a host answers in a minute; the next ones wait.
inline constexpr std::uint64_t kQuestionsAMinute = 10;
// Questions that wait. More: refused, and the asker is told.
inline constexpr std::size_t kQuestionsWaitingMax = 16;
// Bytes of those that wait. More: the same.
inline constexpr std::size_t kQuestionBytesWaitingMax = 4UL * 1024 * 1024;
// Questions remembered as answered until they expire, so that none is answered twice. Full: new
// ones are refused.
inline constexpr std::size_t kQuestionsRememberedMax = 4'096;
// How long a daemon that is not there is waited for. Longer: the asker is told.
inline constexpr std::uint64_t kQuestionDaemonWaitNs = 60ULL * 1'000'000'000;

// Answers -----------------------------------------------------------------------------------------
// One reply, bytes. Longer: details go, then hits, each counted; a longer one is not read.
inline constexpr std::size_t kReplyBytesMax = 256UL * 1024;
inline constexpr std::size_t kReplyDepthMax = 16;  // levels of JSON; deeper: not read
// Values named for one reason why they cannot be known. More: a count.
inline constexpr std::size_t kReplyValuesAReason = 20;
inline constexpr std::size_t kReplyReasonsMax = 64;  // more: counted as others

// Replies of one host to one question that are read until one is readable. More: counted.
inline constexpr std::uint64_t kReplyTriesMax = 8;
// A broker stamps what it stores a moment after it handed it on, each by its own clock: a reply may
// bear an earlier time than its question by so much.
inline constexpr std::int64_t kReplyBeforeNs = 60LL * 1'000'000'000;
// Hosts in one tally. More: their answers are counted and left out.
inline constexpr std::size_t kTallyHostsMax = 20'000;
// Hits of all answers kept in one tally, bytes of JSON, in equal shares: what one host sends takes
// nothing from another. A host beyond its share: its last hits are counted and left out.
inline constexpr std::size_t kTallyDetailBytesMax = 64UL * 1024 * 1024;

}  // namespace tocsin::limits
