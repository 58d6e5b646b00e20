// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "extract/candidate.hpp"

#include <fmt/format.h>

#include <array>

namespace tocsin {

std::string_view to_string(CandidateState state) {
  static constexpr std::array<std::string_view, 3> kNames = {"accept", "review", "reject"};
  return kNames[static_cast<std::size_t>(state)];
}

std::string_view to_string(Reason reason) {
  static constexpr std::string_view kNames[] = {
      "typed",         "defanged",       "indicator-section", "listed",         "labelled",
      "in-sentence",   "benign-context", "shared-host",       "popular-name",   "guard-list",
      "conjunction",   "inexact-match",  "detection-off",     "expired",        "low-confidence",
      "cut-neighbour", "mixed-script",   "file-like-name",    "live-elsewhere", "rule-text",
      "weak-defang",   "unknown-suffix", "placeholder",       "spaced-digest",  "reference-section",
      "untyped-field", "reference",      "reserved",          "never-fires",    "version-number",
      "file-name",     "path-part",      "code-identifier",   "mail-address",   "not-matchable",
      "part-of-url",   "wrong-length",   "malformed",         "allow-entry",    "withdrawn"};
  static_assert(std::size(kNames) == kReasons);
  return kNames[static_cast<std::size_t>(reason)];
}

std::string Place::to_string() const {
  if (!pointer.empty()) return pointer;
  if (line == 0) return {};
  return fmt::format("{}:{}", line, column);
}

}  // namespace tocsin
