// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The tocsin authors
#include "top/screen.hpp"

#include <algorithm>
#include <utility>

namespace tocsin::top {

void LineWriter::put(std::string_view text, Tone tone) {
  const auto cells = std::min(cells_of(text), left());
  if (cells == 0) return;
  line_.spans.push_back({fitted(text, cells), tone});
  used_ += cells;
}

void LineWriter::put_fact(std::string_view text, Tone tone) {
  const std::size_t gap = used_ == 0 ? 0 : 2;
  if (text.empty() || cells_of(text) + gap > left()) return;
  if (gap > 0) put("  ");
  put(text, tone);
}

Line LineWriter::take(bool filled, bool reversed) {
  if (filled && left() > 0) line_.spans.push_back({std::string(left(), ' '), Tone::kPlain});
  used_ = 0;
  auto out = std::exchange(line_, {});
  out.reversed = reversed;
  return out;
}

}  // namespace tocsin::top
