// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <string>
#include <string_view>

#include "extract/place_finder.hpp"

namespace tocsin {

// What a reader of an HTML page sees, as text: a line a block, "#" before headings, table rows with
// their cells divided by kCellMark. Scripts, styles and navigation are left out, and so is where
// links lead to.
struct PageText {
  std::string text;
  PositionMap map;  // to positions of the page
  std::string title;
};

// Any bytes; broken markup is read as browsers do, roughly. Linear in the length of the page.
PageText html_to_text(std::string_view html);

}  // namespace tocsin
