// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "extract/judge.hpp"
#include "extract/place_finder.hpp"
#include "extract/table_reader.hpp"

namespace tocsin {

// Separates the cells of a table row in text made from HTML.
inline constexpr char kCellMark = '\x1f';

// One line without its end; position is that of its first byte.
struct TextLine {
  std::string_view text;
  std::size_t position = 0;
};
// Lines end with \n, \r\n or \r; longer ones than kExtractLineBytesMax come in pieces that end at a
// blank where there is one.
class LineReader {
 public:
  explicit LineReader(std::string_view text, std::size_t at = 0) : text_(text), at_(at) {}
  bool next(TextLine& line);
  [[nodiscard]] std::size_t position() const { return at_; }

 private:
  std::string_view text_;
  std::size_t at_;
};

struct TextProfile {
  bool defangs = false;  // at least one host is written defanged
  bool list = false;     // values, one a line, and hardly anything else
};

// Prose, markdown, asciidoc, lists: headings, lead-ins, list lines, tables and sentences.
class TextReader {
 public:
  TextReader(Judge& judge, PlaceFinder& places)
      : judge_(judge), places_(places), table_(judge, places) {}

  // The first pass, over a bounded part of the text.
  TextProfile profile(std::string_view text);
  // benign_title: the document's own name says that it lists harmless values.
  void read(std::string_view text, const TextProfile& profile, std::string_view benign_title);
  [[nodiscard]] const std::string& title() const { return title_; }

 private:
  struct Heading {
    int level = 0;  // 1..6 as marked, 7 a line of its own, 8 a lead-in that ends with a colon
    SectionKind kind;
    std::string text;
  };

  void take_line(const TextLine& line);
  bool take_heading(const TextLine& line);
  bool take_table_row(const TextLine& line);
  void take_spots(const TextLine& line);
  bool take_wrapped_digest(const TextLine& line);
  void take_spaced_digest(const TextLine& line);
  bool track_rule(std::string_view line);
  void push_heading(int level, std::string_view text);
  [[nodiscard]] const Heading* section() const;
  [[nodiscard]] Surroundings around(std::size_t index) const;
  [[nodiscard]] Candidate candidate_at(const TextLine& line, std::size_t begin, std::size_t end);

  Judge& judge_;
  PlaceFinder& places_;
  TableReader table_;
  TextProfile profile_;
  std::string_view text_, benign_title_;
  std::string title_;
  std::vector<Heading> headings_;
  RefangedText refanged_;
  std::vector<Spot> spots_;
  std::string note_;                // the line without its values
  std::size_t consumed_until_ = 0;  // position in text_: read with an earlier line already
  bool blank_before_ = true, in_table_ = false, in_code_ = false, in_rule_ = false,
       rule_line_ = false;
};

}  // namespace tocsin
