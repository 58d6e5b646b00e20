// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "indicators/indicator.hpp"

// What a published document says might be an indicator, and what is to be thought of it.
namespace tocsin {

// kReview: only a person can tell. A link that is kept as the document's provenance is a kReject
// with Reason::kReference.
enum class CandidateState : std::uint8_t { kAccept, kReview, kReject };

// Why a candidate has its state; docs/extraction.md explains each for people.
enum class Reason : std::uint8_t {
  // accepted
  kTyped,             // a structured field says what it is
  kDefanged,          // written so that nobody follows it by mistake
  kIndicatorSection,  // alone on its line below a heading such as "Indicators of compromise"
  kListed,            // a list or a table of values
  kLabelled,          // "SHA-256: …"
  // held for a person
  kInSentence,        // bare, within a sentence
  kBenignContext,     // heading, note or field says legitimate, compromised, victim, …
  kSharedHost,        // a guard list: strangers use this host, too
  kPopularName,       // a guard list: a name that everybody contacts
  kGuardList,         // another guard list
  kConjunction,       // only meant together with other terms
  kInexact,           // contains, LIKE, a regular expression, a negation
  kDetectionOff,      // the publisher marks it as not for detection
  kExpired,           // its time is over
  kLowConfidence,     // the publisher doubts it
  kCutNeighbour,      // looks like a cut or glued form of another value of the document
  kMixedScript,       // letters of several scripts in one label
  kFileLikeName,      // "update.zip": a file as well as a name
  kLiveElsewhere,     // the document links to that very host
  kRuleText,          // stands in a detection rule or a query
  kWeakDefang,        // "evil dot com"
  kUnknownSuffix,     // no top-level domain of that name
  kPlaceholder,       // "example.com"
  kSpacedDigest,      // a digest in groups
  kReferenceSection,  // defanged, yet below "References"
  kUntypedField,      // JSON or table field whose meaning is not known
  // refused
  kReference,   // a link to further reading; provenance of the document
  kReserved,    // an address that is nobody's
  kNeverFires,  // Guard: every host has it
  kVersionNumber,
  kFileName,
  kPathPart,
  kCodeIdentifier,  // "com.example.service", "document.location"
  kMailAddress,
  kNotMatchable,  // imphash, certificate, commit, key: nothing that this host can look up
  kPartOfUrl,     // a digest within a link
  kWrongLength,   // hex digits, but no digest has that many
  kMalformed,
  kAllowEntry,  // the list says: let it pass
  kWithdrawn,   // revoked or deleted by the publisher
};
inline constexpr std::size_t kReasons = static_cast<std::size_t>(Reason::kWithdrawn) + 1;

std::string_view to_string(CandidateState state);  // "accept", "review", "reject"
std::string_view to_string(Reason reason);         // "typed", "in-sentence", …

// Where a value stands in the bytes of the document. pointer is for structured documents.
struct Place {
  std::uint64_t offset = 0;  // bytes from the start of the document
  std::uint32_t line = 0;    // from 1; 0: not known
  std::uint32_t column = 0;  // bytes from 1
  std::uint32_t field = 0;   // of a table row, from 1
  std::string pointer;       // RFC 6901 for JSON, "/ioc/…" for OpenIOC

  // "12:3", "/objects/4"; empty when nothing is known.
  [[nodiscard]] std::string to_string() const;
};

// What the publisher says beyond the value; empty members: nothing.
struct PublisherFacts {
  std::optional<WallNs> valid_from_ns, valid_until_ns;
  std::optional<std::uint8_t> confidence;  // 0..100
  std::optional<Severity> severity;
  std::string tlp;  // "amber"
  std::string campaign;
  std::string note;
};

struct Candidate {
  IndicatorType type = IndicatorType::kSha256;
  std::string value;       // canonical when the state is not kReject
  std::string raw;         // as the document writes it, defanged or not
  std::string host;        // url: its canonical host
  std::uint16_t port = 0;  // 0: none named
  Place place;             // the first, when it stands in several
  std::string heading;     // the heading or the column it stands below
  CandidateState state = CandidateState::kReject;
  std::vector<Reason> reasons;  // at least one
  std::string detail;           // the word, list or sentence behind the reasons
  PublisherFacts facts;
  std::uint32_t times = 1;  // how often it stands in the document
};

}  // namespace tocsin
