// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/digest.hpp"

namespace tocsin {

// Which way led to the bytes that were hashed: part of every digest an alert shows.
enum class HashRung : std::uint8_t {
  kNone,
  kIma,         // the kernel hashed the very file before it ran
  kProcExe,     // /proc/PID/exe of the living process, identity verified
  kRootPath,    // path inside the root of the event's mount namespace, identity verified
  kFileHandle,  // file handle made from inode and generation, identity verified
  kScriptPath,  // script opened by path, unchanged since before the exec
  kReplay,      // the digest stood in a recording
};

// Why there is no digest. Each has a counter; kNone means there is one.
enum class HashMiss : std::uint8_t {
  kNone,
  kGone,         // no name and no process left before it could be opened
  kReplaced,     // what could be opened is not the file that ran
  kChanged,      // it changed while being read
  kTooLarge,     // over hash.max_bytes
  kNotRegular,   // not a regular file
  kUnreadable,   // refused or an I/O error, see detail
  kQueueFull,    // the hash queue was full
  kUnknownFile,  // the event does not say which file it was
};

inline constexpr std::size_t kHashRungCount = 7;
inline constexpr std::size_t kHashMissCount = 9;

std::string_view to_string(HashRung rung);  // "ima", "proc-exe", "root-path", …
std::string_view to_string(HashMiss miss);  // "gone", "replaced", …

// The file that a script's name led to.
struct FoundScript {
  std::string path;  // links followed, as this daemon sees it; empty: not known
  std::uint32_t dev = 0;
  std::int64_t ctime_ns = 0;  // 0: not known
};

struct HashResult {
  std::optional<FileDigests> digests;
  HashRung rung = HashRung::kNone;
  HashMiss miss = HashMiss::kNone;
  bool cached = false;  // known from an earlier read of the same identity
  std::string detail;   // for people: path tried, errno text
  // Non-empty: the digest is of the very inode, but its content may have been exchanged between the
  // execution and the reading, and this says why. Such a digest can prove a match, never innocence.
  std::string doubt;
  FoundScript script;  // HashRequest::Kind::kScript only
};

}  // namespace tocsin
