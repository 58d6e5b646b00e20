// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "base/result.hpp"

namespace tocsin::cli {

enum class Tone : std::uint8_t { kPlain, kStrong, kDim, kGood, kWarn, kBad };

// What a command says. Results go to stdout, everything else to stderr. With --json only JSON goes
// to stdout. Colour and progress only on a terminal, and no colour when NO_COLOR is set.
class Output {
 public:
  explicit Output(bool json);
  // For lines that are not written but taken: neither colour nor progress, wherever stdout goes.
  static Output plain();
  // The same in colour.
  static Output painted();

  [[nodiscard]] bool json() const { return json_; }
  // Text in colour where stdout has it. text must be safe for a terminal already.
  [[nodiscard]] std::string paint(Tone tone, std::string_view text) const;

  // One line on stdout for people; nothing with --json.
  void line(std::string_view text) const;
  // One JSON document on one line; nothing without --json.
  void document(const nlohmann::json& value) const;
  void document_text(std::string_view json_text) const;
  // Makes what was written visible now: for streams.
  void flush() const { std::fflush(stdout); }

  // "tocsin: …" on stderr.
  void problem(std::string_view text) const;
  // What to do about it, on stderr below a problem.
  void hint(std::string_view text) const;

  // One line on stderr that the next one overwrites; only on a terminal.
  void progress(std::string_view text);
  // Whether anybody sees progress.
  [[nodiscard]] bool shows_progress() const { return progress_; }
  void end_progress();

 private:
  bool json_;
  bool colour_;
  bool progress_;
  bool progress_shown_ = false;
};

}  // namespace tocsin::cli
