// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "extract/place_finder.hpp"

#include <algorithm>

namespace tocsin {

std::size_t PositionMap::original(std::size_t derived) const {
  const auto after = std::ranges::upper_bound(runs_, derived, {}, &Run::derived);
  if (after == runs_.begin()) return 0;
  const Run& run = *std::prev(after);
  return run.original + (derived - run.derived);
}

Place PlaceFinder::find(std::size_t position) {
  const auto text = document_.text();
  if (map_ != nullptr) position = map_->original(position);
  position = std::min(position, text.size());
  if (position < line_start_) {
    line_start_ = 0;
    line_ = 1;
  }
  // Line ends are \n, \r\n and \r alone.
  for (std::size_t at = line_start_; at < position; ++at) {
    const auto newline = text.find('\n', at);
    const auto end = std::min(newline, position);
    const auto cr = text.substr(at, end - at).find('\r');
    if (cr != std::string_view::npos && at + cr + 1 != newline) {
      at += cr;
    } else if (newline < position) {
      at = newline;
    } else {
      break;
    }
    line_start_ = at + 1;
    ++line_;
  }
  Place place;
  place.offset = document_.source_offset(position);
  place.line = line_;
  place.column = static_cast<std::uint32_t>(position - line_start_ + 1);
  return place;
}

}  // namespace tocsin
