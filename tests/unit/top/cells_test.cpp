// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "top/cells.hpp"

#include "support/test.hpp"

using namespace tocsin::top;

TEST_CASE("text is as wide as it looks", "[top]") {
  CHECK(cells_of("") == 0);
  CHECK(cells_of("nginx") == 5);
  CHECK(cells_of("größe") == 5);
  CHECK(cells_of("日本") == 4);
  CHECK(cells_of("e\u0301") == 1 + 8);  // a combining mark is shown as \u{0301}
  CHECK(cells_of("\xff") == 4);         // \xff
  CHECK(cells_of("a\nb") == 6);         // \x0a
}

TEST_CASE("text is filled and cut to a width", "[top]") {
  CHECK(fitted("ab", 4) == "ab  ");
  CHECK(fitted("ab", 4, Align::kRight) == "  ab");
  CHECK(fitted("abcdef", 4) == "abc…");
  CHECK(fitted("日本語", 4) == "日… ");  // half a character is none
  CHECK(fitted("abc", 0).empty());
  CHECK(fitted("", 3) == "   ");
  for (const auto* text : {"日本語日本語", "a\xcc\x81\xcc\x81", "\x1b[2J", "\u202e evil", "plain"})
    for (std::size_t cells = 1; cells < 24; ++cells) {
      INFO(text << " in " << cells);
      CHECK(cells_of(fitted(text, cells)) == cells);
      CHECK(fitted(text, cells).find('\x1b') == std::string::npos);
    }
}

TEST_CASE("of a long path the end is shown", "[top]") {
  CHECK(path_fitted("/usr/bin/curl", 20) == "/usr/bin/curl");
  CHECK(path_fitted("/usr/bin/curl", 6) == "…/curl");
  CHECK(path_fitted("/usr/bin/curl", 1) == "…");
  CHECK(path_fitted("/usr/bin/curl", 0).empty());
  for (std::size_t cells = 1; cells < 20; ++cells)
    CHECK(cells_of(path_fitted("/tmp/日本語/x\u200by", cells)) <= cells);
}
