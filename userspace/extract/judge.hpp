// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "extract/extract.hpp"
#include "extract/refang.hpp"
#include "extract/spot.hpp"
#include "extract/suffixes.hpp"
#include "extract/vocabulary.hpp"

namespace tocsin {

// How a value stands in its surroundings.
enum class Shape : std::uint8_t {
  kSentence,  // among other words
  kRow,       // first in a line or cell that goes on with a note, or behind a short name
  kAlone,     // nothing else in its line
  kCell,      // of a table, in a column of values
  kTyped,     // of a field that says what it is
};

// What stands round a value of running text or a table.
struct Surroundings {
  Shape shape = Shape::kSentence;
  Section section = Section::kOther;
  std::string_view section_word;
  Label label = Label::kNone;
  std::string_view note;            // the words of its line or row
  bool link_target = false;         // where a link leads to, not what is read
  bool list_document = false;       // nothing but values
  bool defanging_document = false;  // writes what is dangerous defanged
  bool rule_text = false;           // of a detection rule
};

// One value of a structured document.
struct StructuredValue {
  std::string_view text;
  FieldKind kind = FieldKind::kValue;
  std::optional<IndicatorType> digest;  // the digest that the field names
  Place place;
  std::string heading;
  PublisherFacts facts;
  std::vector<Reason> holds;  // reasons to hold or refuse it, whatever the value is
  std::string detail;
};

// Decides the state of each candidate and hands it on. The order of the rules is in
// docs/extraction.md.
class Judge {
 public:
  Judge(const ExtractOptions& options, const PublicSuffixes& suffixes, CandidateSink sink)
      : options_(options), spotter_(suffixes), sink_(std::move(sink)) {}

  // candidate comes with place, raw and heading.
  void take(Spot spot, const Surroundings& around, Candidate candidate);
  // All values in the field's text; one that is none is handed on as refused.
  void take(StructuredValue value);
  // Something that is not a value but has to be accounted for.
  void refuse(StructuredValue value, Reason reason);

  [[nodiscard]] const Spotter& spotter() const { return spotter_; }
  [[nodiscard]] const ExtractOptions& options() const { return options_; }

 private:
  void take_spot(Spot spot, const StructuredValue& value, std::string raw);
  void general_rules(Candidate& candidate, bool live) const;
  void hold_by_lists(Candidate& candidate, bool live) const;
  void hand_on(Candidate candidate, Reason accepted_because);

  const ExtractOptions& options_;
  Spotter spotter_;
  CandidateSink sink_;
  RefangedText refanged_;    // scratch
  std::vector<Spot> spots_;  // scratch
};

// The state that a reason alone gives.
CandidateState state_of(Reason reason);

}  // namespace tocsin
