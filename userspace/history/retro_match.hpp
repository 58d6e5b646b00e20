// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "alert/alert.hpp"
#include "detect/finding.hpp"
#include "history/reader.hpp"
#include "history/record.hpp"

// What was seen before its indicator was known: docs/hunting.md.
namespace tocsin {

// A value of seen, ready to be looked up: of files the digests that are known, of destinations the
// address, of names the name.
struct SeenValue {
  SeenKind kind = SeenKind::kProgram;
  std::string_view value;
  std::optional<FileDigests> digests;
  std::optional<SeenDestination> destination;
  std::string name;
};
// May be called on any thread.
using SeenMatcher = std::function<std::vector<IndicatorMatch>(const SeenValue& value)>;

// One value with all its sightings, and the indicators that no alert was raised about yet.
struct RetroFinding {
  SeenKind kind = SeenKind::kProgram;
  std::string value;
  std::vector<IndicatorMatch> matches;
  std::uint32_t flags = 0;
  RetroExposure exposure;       // without gaps: the caller knows the coverage
  std::vector<SightingRow> by;  // the latest kRetroProgramsMax
  std::optional<FileDigests> digests;
};

// Walks all sightings against an index, a slice at a time, so that the history's writer never waits
// for long and others can be served in between. One thread at a time.
class RetroMatch {
 public:
  struct Options {
    bool short_digests = false;  // some indicator is a SHA-1 or an MD5
  };
  RetroMatch(SeenMatcher matcher, Options options)
      : matcher_(std::move(matcher)), options_(options) {}

  // Looks at the next kRetroSliceRows; false at the end, when the findings are complete.
  Result<bool> step(HistoryReader& reader);

  [[nodiscard]] std::uint64_t rows() const { return rows_; }
  // Findings that were not kept: there were more than kRetroFindingsMax.
  [[nodiscard]] std::uint64_t left_out() const { return left_out_; }
  // The loudest first, of equals the latest.
  std::vector<RetroFinding> take_findings();

 private:
  void look_up(HistoryReader& reader, const SightingRow& row);
  void take(const SightingRow& row);
  void close();

  SeenMatcher matcher_;
  Options options_;
  HistoryReader::Position position_;
  std::uint64_t rows_ = 0, left_out_ = 0;
  // The value that the walk is at; its rows stand side by side.
  SeenKind kind_{};
  std::string value_;
  std::optional<RetroFinding> open_;
  std::optional<Error> fault_;
  std::vector<RetroFinding> findings_;
};

// The finding as an alert of the kind that its live match would have raised, without id, times of
// its own and coverage; and what to mark once it was raised, without at_ns.
struct RetroAlert {
  Alert alert;
  std::vector<Reported> marks;
};
Result<RetroAlert> retro_alert(HistoryReader& reader, RetroFinding finding);

}  // namespace tocsin
