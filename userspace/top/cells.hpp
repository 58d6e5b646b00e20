// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

// Text measured in the columns of a terminal: a wide character takes two. Characters that take none
// (combining marks, joiners) and what is not valid or not printable count, and are shown, as
// \u{NNNN} or \xNN, so that a line never is longer than it looks.
namespace tocsin::top {

std::size_t cells_of(std::string_view text);

enum class Align : unsigned char { kLeft, kRight };
// Exactly `cells` wide: filled with blanks, or cut with "…" at its end.
std::string fitted(std::string_view text, std::size_t cells, Align align = Align::kLeft);
// At most `cells` wide; a path is cut at its beginning, where it tells least.
std::string path_fitted(std::string_view path, std::size_t cells);

}  // namespace tocsin::top
