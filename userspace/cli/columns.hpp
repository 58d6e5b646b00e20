// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

// Text in a terminal of 80 columns; one character is counted as one column.
namespace tocsin::cli {

inline constexpr std::size_t kColumns = 80;

// Characters, not bytes.
std::size_t columns_of(std::string_view text);
std::string padded(std::string text, std::size_t columns);
// Lines of at most room columns, broken at blanks; a word longer than a line is cut where the line
// ends. At least one line. text has no line breaks and no escape sequences.
std::vector<std::string> wrapped(std::string_view text, std::size_t room);

}  // namespace tocsin::cli
