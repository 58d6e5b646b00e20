// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "history/coverage.hpp"
#include "history/reader.hpp"

// What stands around one finding: each single contact of a program with a destination, where else
// it went, who else goes there, what ran at its path before. docs/control-protocol.md, `contacts`.
namespace tocsin {

struct ContactQuestion {
  std::string program;  // as seen.subject: 32 bytes of a digest, or the path of an unhashed file
  // Where it runs: an id, or empty for the host itself; nullopt: wherever it does.
  std::optional<std::string> container = {};
  std::string path = {};         // of its file, for earlier contents; may be empty
  std::string destination = {};  // name, address or network; empty: its neighbourhood only
  std::optional<std::uint16_t> port = {};
  bool dns = false;  // questions for names below destination, not connections
  std::optional<WallNs> since_ns = {};
  WallNs now_ns = 0;
  // What the finding is about: the coverage is of that time and of the contacts found, and a margin
  // around both. Without a begin it is of all that is asked for.
  std::optional<WallNs> about_since_ns = {};
  std::optional<WallNs> about_until_ns = {};  // nullopt: up to now
};

struct Contact {
  WallNs time_ns = 0;
  std::optional<std::uint64_t> bytes_out;
  std::string result;  // "ok", "refused", …; empty: not known
};

// One content that ran at the path, in the container in question.
struct FileVersion {
  std::string sha256;  // hex
  WallNs first_ns = 0, last_ns = 0;
  std::uint64_t count = 0;
};

struct Neighbour {
  std::string what;  // a destination, or the path of a program (its digest when that is unknown)
  std::string container = {};  // of a program: another than the one in question; else empty
  WallNs first_ns = 0, last_ns = 0;
  std::uint64_t count = 0;
};

struct Neighbours {
  std::vector<Neighbour> shown;  // the most frequent, at most kContactNeighboursMax
  std::uint64_t more = 0;
};

struct ContactReport {
  std::vector<Contact> contacts;  // oldest first, at most kContactsMax
  std::uint64_t earlier = 0;      // of those found, left out
  // Days are searched backwards while there is time: before this nothing was looked at, or nothing
  // is kept. nullopt: no day at all.
  std::optional<WallNs> searched_from_ns;
  bool in_time = true;
  std::vector<FileVersion> versions;  // latest first
  Neighbours destinations, programs;
  bool programs_searched = false;  // false: without a destination there is nothing to look for
  Coverage coverage;
};

Result<ContactReport> contacts_of(HistoryReader& reader, const ContactQuestion& question);

}  // namespace tocsin
