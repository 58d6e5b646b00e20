// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "extract/text_reader.hpp"
#include "indicators/indicator.hpp"

// Digests that a page layout broke into pieces.
namespace tocsin {

struct JoinedDigest {
  IndicatorType type = IndicatorType::kSha256;
  std::string value;
  std::size_t begin = 0, end = 0;  // positions in the text
};

// A digest that begins at the end of line and goes on at the start of the following lines. Nothing
// before position from is looked at.
std::optional<JoinedDigest> join_wrapped_digest(std::string_view text, const TextLine& line,
                                                std::size_t from);

// A digest in groups of eight digits and more, divided by single blanks; positions within the line.
std::optional<JoinedDigest> find_spaced_digest(std::string_view line);

}  // namespace tocsin
