// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin::test {

// What a real HTML5 parser (gumbo) makes of a page.
struct ReadPage {
  std::map<std::string, int> elements;       // how many of each
  std::string text;                          // of body, element after element
  std::string policy;                        // the content security policy
  std::vector<std::string> titles;           // values of title attributes
  int named_images = 0, unnamed_images = 0;  // role=img with and without name and description
  // Elements and attributes that a report never has: scripts, links, handlers, anything that loads.
  std::string trouble;
  std::size_t bytes = 0;
};
ReadPage read_html(std::string_view page);

}  // namespace tocsin::test
