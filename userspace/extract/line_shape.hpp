// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "extract/judge.hpp"
#include "extract/spot.hpp"

// What a line of text is by its looks.
namespace tocsin {

// The line with its values blanked out: what is left to read for a person.
void blank_out(std::string_view line, const std::vector<Spot>& spots, std::string& out);

// Words of two letters and more.
std::size_t count_words(std::string_view text);

// How the value at index stands in its line. remainder is blank_out() of it.
Shape shape_of(std::string_view line, const std::vector<Spot>& spots, std::size_t index,
               std::string_view remainder);

// The sentence round [begin, end) of a line whose values are blanked out, with the next one when
// that goes on about it ("This site …").
std::string_view sentence_around(std::string_view remainder, std::size_t begin, std::size_t end);

// A line that introduces or names what follows, by its looks: its level (7 a heading, 8 a lead-in
// that ends with a colon), 0 when it is neither. Marked headings (#, ==) give 1 to 6.
struct HeadingLook {
  int level = 0;
  std::string_view text;  // without the marks
};
HeadingLook heading_look(std::string_view line, bool blank_before, bool blank_behind);

// The value is where a markdown or asciidoc link leads to, or a reference definition.
bool is_link_target(std::string_view line, const Spot& spot);

}  // namespace tocsin
