// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/digest.hpp"
#include "beacon/evidence.hpp"

namespace tocsin {

// Stands for the destination of a roll-up key.
inline constexpr std::string_view kRollUpName = "*rare*";

// What a program's identity was taken from.
enum class SubjectKind : std::uint8_t {
  kContent,     // digest of the executed file
  kScript,      // digest of the script behind an interpreter
  kScriptPath,  // interpreter and path of a script that was not hashed
  kCommand,     // interpreter and the code given on its command line or in a pipe
  kFile,        // not hashed: device, inode, change time and path
  kAddress      // capture files: the local address
};

// The program that made a contact, as far as it is known by then.
struct BeaconSubject {
  Sha256 id;  // the digest itself for kContent and kScript
  SubjectKind kind = SubjectKind::kFile;
  std::string path;              // of the file or the script; of kAddress the address
  bool package_owned = false;    // its keys go first when room is needed
  EvidenceSet image;             // what does not depend on time
  EvidenceSet lineage;           // kYoungUnit: a unit or cron started it, however long known
  WallNs appeared_ns = 0;        // on this host; 0: of unknown age
  WallNs known_ns = 0;           // since when this content, or another at the same path, is known
  WallNs changed_ns = 0;         // when this content came to a path that had another; 0: never
  std::optional<Sha256> before;  // the content before that
  std::vector<Sha256> earlier;   // contents before that one, newest first
};

enum class ContactKind : std::uint8_t {
  kConnect,  // TCP or UDP
  kDns       // questions for names below one registrable domain, not followed by a connect
};

// What is known of a destination by its name or address alone.
struct DestinationClass {
  bool popular = false;
  bool abused_service = false;
};

struct BeaconContact {
  WallNs time_ns = 0;
  const BeaconSubject& subject;
  std::string container;    // empty: the host
  std::string destination;  // a name, or an address where no name led to it
  std::uint16_t port = 0;
  ContactKind kind = ContactKind::kConnect;
  bool failed = false;
  bool unnamed_public = false;             // a public address, and no name is known
  bool name_said_only = false;             // the program said the name, no answer led there
  std::optional<Evidence> indicator = {};  // kIndicatorFresh, kIndicatorStale
};

}  // namespace tocsin
