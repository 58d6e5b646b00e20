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
    line_start_ = scanned_ = 0;
    line_ = 1;
  }
  // Line ends are \n, \r\n and \r alone.
  while (scanned_ < position) {
    const auto rest = text.substr(scanned_, position - scanned_);
    const auto newline = std::min(rest.find('\n'), rest.size());
    const auto cr = rest.substr(0, newline).find('\r');
    const auto end = scanned_ + (cr == std::string_view::npos ? newline : cr);
    scanned_ = std::min(end + 1, position);
    if (end == position) break;
    if (text[end] == '\r' && end + 1 < text.size() && text[end + 1] == '\n') continue;
    line_start_ = end + 1;
    ++line_;
  }
  Place place;
  place.offset = document_.source_offset(position);
  place.line = line_;
  place.column = static_cast<std::uint32_t>(position - line_start_ + 1);
  return place;
}

}  // namespace tocsin
