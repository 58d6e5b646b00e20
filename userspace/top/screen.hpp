// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cli/output.hpp"
#include "top/cells.hpp"

// What is shown, apart from how a terminal is told: lines of text with a tone.
namespace tocsin::top {

using cli::Tone;

struct Span {
  std::string text;
  Tone tone = Tone::kPlain;
};

struct Line {
  std::vector<Span> spans;
  bool reversed = false;  // the selected row, and bars: as wide as the screen

  [[nodiscard]] std::string text() const {
    std::string out;
    for (const auto& span : spans) out += span.text;
    return out;
  }
};

// As many lines as the screen has rows, none wider than it.
using Screen = std::vector<Line>;

struct Size {
  std::size_t columns = 80, rows = 24;
};
// Builds a line that is never wider than the screen.
class LineWriter {
 public:
  explicit LineWriter(std::size_t columns) : columns_(columns) {}
  // Cut where the line ends.
  void put(std::string_view text, Tone tone = Tone::kPlain);
  // Whole, behind two blanks, or not at all.
  void put_fact(std::string_view text, Tone tone = Tone::kPlain);
  [[nodiscard]] std::size_t left() const { return columns_ - used_; }
  // filled: with blanks up to the end.
  Line take(bool filled = false, bool reversed = false);

 private:
  std::size_t columns_;
  std::size_t used_ = 0;
  Line line_;
};

// Below it a screen says only that it is too small.
inline constexpr Size kLeastSize{24, 6};

}  // namespace tocsin::top
