// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "indicators/indicator.hpp"

// The words by which publications say what they mean. Lists are from published advisories, tables
// and feeds; all matching is by whole words, without case.
namespace tocsin {

// text, lower-cased, holds phrase with no letter or digit at either side.
bool has_phrase(std::string_view lower_text, std::string_view phrase);

enum class Section : std::uint8_t { kOther, kIndicators, kReference, kBenign, kRules };

struct SectionKind {
  Section section = Section::kOther;
  std::string_view word;  // that decided
};
// What values below this heading, or behind this lead-in, are.
SectionKind classify_heading(std::string_view heading);

// A word that takes a value back: "legitimate", "sinkhole", "compromised site", …; "" when none.
std::string_view benign_word(std::string_view note);

// What the text straight before a value says about it.
enum class Label : std::uint8_t {
  kNone,
  kDigest,        // "SHA-256:", "md5 ="
  kNetwork,       // "domain:", "C2 server", "IP"
  kNotMatchable,  // "imphash", "commit", "serial number"
  kVersion,       // "version", "build"
};
// before: at most the stretch between the previous value or the start of the line and this value.
Label label_before(std::string_view before);

// What a type field or a column's name says about a value.
enum class FieldKind : std::uint8_t {
  kUnknown,
  kValue,         // an indicator of whatever type it looks like
  kDigest,        // of the type that its length says
  kHost,          // address, name or URL, as it looks
  kMail,          // and kin: not matchable, no host to be found inside
  kFile,          // file names, paths, registry keys, mutexes
  kNotMatchable,  // imphash, ssdeep, certificate prints, …
  kReference,     // link, report, source
  kType,          // the column that holds type words
  kNote,
  kVerdict,      // classification, status
  kToIds,        // MISP's flag
  kCompromised,  // true: the host belongs to a victim
  kConfidence,
  kTlp,
  kValidFrom,
  kValidUntil,
  kPort,
  kIgnored,  // reporter, rank, date, …
};
// By the name of a column or of a JSON member.
FieldKind classify_field(std::string_view name);
// By the content of a type field: "FileHash-SHA256", "ip-dst|port", "domain".
FieldKind classify_type_word(std::string_view word);
// "false", "0", "no", "n": a flag that is off; nullopt when text is no flag.
std::optional<bool> parse_flag(std::string_view text);

// The ending of a name is one of files, too (".zip", ".sh", ".py").
enum class FileEnding : std::uint8_t { kNone, kPossible, kTypical };
FileEnding file_ending(std::string_view last_label);
// The ending belongs to files and is no top-level domain (".exe").
bool is_file_extension(std::string_view last_label);
// The first label of an identifier in programs ("document", "system").
bool is_code_word(std::string_view first_label);

}  // namespace tocsin
