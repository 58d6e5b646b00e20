// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "cli/columns.hpp"

#include <algorithm>

namespace tocsin::cli {
namespace {

// Bytes of UTF-8 text that are the beginning of a character.
bool begins_character(char c) {
  return (c & 0xc0) != 0x80;
}

}  // namespace

std::size_t columns_of(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, begins_character));
}

std::string padded(std::string text, std::size_t columns) {
  const auto have = columns_of(text);
  return have < columns ? text.append(columns - have, ' ') : text;
}

std::vector<std::string> wrapped(std::string_view text, std::size_t room) {
  std::vector<std::string> lines;
  do {
    std::size_t take = 0;  // bytes
    for (std::size_t columns = 0; take < text.size(); ++take)
      if (begins_character(text[take]) && ++columns > room) break;
    if (take < text.size())
      if (const auto blank = text.substr(0, take + 1).rfind(' ');
          blank != std::string_view::npos && blank > 0)
        take = blank;
    lines.emplace_back(text.substr(0, take));
    text.remove_prefix(take);
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  } while (!text.empty());
  return lines;
}

}  // namespace tocsin::cli
